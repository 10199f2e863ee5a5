#!/usr/bin/env -S node --max-semi-space-size=8
/** The command line; the young generation is bounded, or a burst makes it 128 MB that stay. Anything that keeps it from starting is one line on standard error and exit code 1; a usage error is 2. */
import process from 'node:process';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 13)) {
  console.error(`Bellwether needs Node 22.13 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}
// Loaded only now: older versions would stumble over the imports before they could say why.
const { main } = await import('./main.ts');
await main(process.argv);
