import { runRuleTests } from '@bellwether/monitor/engine';

/** `bellwether test rules`: promtool's format, words and exit codes. */
export async function testRules(files: readonly string[]): Promise<void> {
  for (const file of files) {
    console.log(`Unit Testing:  ${file}`);
    const failures = await runRuleTests(file);
    if (failures.length === 0) console.log('  SUCCESS');
    else {
      console.error('  FAILED:');
      for (const failure of failures) {
        console.error(failure);
        console.log('');
      }
      process.exitCode = 1;
    }
    console.log('');
  }
}
