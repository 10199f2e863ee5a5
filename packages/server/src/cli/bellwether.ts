#!/usr/bin/env node
/** The command line. Anything that keeps it from starting is one line on standard error and exit code 1; a usage error is 2. */
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 13)) {
  console.error(`Bellwether needs Node 22.13 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}
// Most of what a server makes is garbage soon: V8 would let its young generation grow to 128 MB first, this keeps it at the 2 MB it begins with.
setFlagsFromString('--semi-space-growth-factor=1');
// Loaded only now: older versions would stumble over the imports before they could say why.
const { main } = await import('./main.ts');
await main(process.argv);
