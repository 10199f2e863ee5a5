/**
 * Alerting served by processes as users start them: how long a breach takes to a webhook, what a storm and a flapping alert send, what 100,000
 * active alerts weigh, and what a kill loses. Beside it Prometheus 2.42 and Alertmanager 0.25, if they are installed. Names of parts after `--` run
 * only those: `latency`, `storm`, `flaps`, `many`, `kills`. The storm is watched for its ten minutes; `BENCH_STORM_SECONDS` says otherwise.
 */
import { hasAlertmanager, hasPrometheus } from '../../tests/servers/servers.ts';
import { Report } from '../instruments/measure.ts';
import { breachToWebhook } from './latency.ts';
import { lostByKills, manyOfRival, manyOfRule, manyPushed, type Many } from './many.ts';
import { flapsOfBoth, stormOfBoth } from './storm.ts';
import { quantile } from './subjects.ts';

const report = new Report('alerts');
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const isWanted = (part: string): boolean => wanted.length === 0 || wanted.includes(part);
const beside = (mark: number, name: string, value: number | undefined): Record<string, number> => ({
  'the mark': mark,
  ...(value === undefined ? {} : { [name]: value }),
});
const ALERTMANAGER = 'Alertmanager 0.25';

if (isWanted('latency')) {
  const { threshold, rule, rival } = await breachToWebhook(hasPrometheus && hasAlertmanager);
  for (const [q, mark] of [
    [0.5, 500],
    [0.99, 1500],
  ] as const) {
    const marks = beside(mark, 'Prometheus and Alertmanager, 1 s and 0 s', rival === undefined ? undefined : quantile(rival, q));
    report.add(`breach of a threshold to webhook, 5,000 samples/s, p${q * 100}`, 'ms', quantile(threshold, q), marks);
    report.add(`breach of a PromQL rule of 1 s to webhook, 5,000 samples/s, p${q * 100}`, 'ms', quantile(rule, q), marks);
  }
}
if (isWanted('many')) {
  const rival = hasAlertmanager ? await manyOfRival() : undefined;
  const add = (what: string, many: Many): void => {
    const told = (part: string, unit: string, value: number, rivals: Record<string, number>): void =>
      report.add(`100,000 active alerts, ${what}, ${part}`, unit, value, rivals);
    told('resident', 'MB', many.bytes / 1e6, beside(300, ALERTMANAGER, rival && rival.bytes / 1e6));
    told('most that was resident', 'MB', many.peak / 1e6, beside(300, ALERTMANAGER, rival && rival.peak / 1e6));
    told('a page of 100, p99', 'ms', many.pageMs, beside(100, `${ALERTMANAGER}, its whole list`, rival?.pageMs));
    told('groups of all of them', 'ms', many.groupsMs, beside(2000, ALERTMANAGER, rival?.groupsMs));
    told('longest wait of others meanwhile', 'ms', many.groupsBlockMs, { 'the mark': 250 });
    told('from a start to their list', 'ms', many.restartMs, { 'the mark': 10_000 });
    told('resident after that start', 'MB', many.restartedBytes / 1e6, { 'the mark': 300 });
  };
  add('pushed', await manyPushed());
  const ofRule = await manyOfRule();
  add('of a rule', ofRule);
  report.add('an evaluation of a rule with 100,000 alerts, processor time', 'ms', ofRule.processorMs, { 'the mark': 1500 });
  report.add('an evaluation of a rule with 100,000 alerts, longest wait of others', 'ms', ofRule.blockMs, { 'the mark': 250 });
}
if (isWanted('kills')) {
  const [ours, rival] = await lostByKills(hasAlertmanager);
  report.add('silences and alerts lost by five kills, of ten', 'pieces', ours, beside(0, ALERTMANAGER, rival));
}
if (isWanted('flaps')) {
  const [ours, rival] = await flapsOfBoth(hasAlertmanager);
  report.add('40 changes of a flapping alert', 'messages', ours, beside(4, ALERTMANAGER, rival));
}
if (isWanted('storm')) {
  const [ours, rival] = await stormOfBoth(hasAlertmanager);
  report.add('storm of 10,000 alerts, first ten minutes', 'messages', ours.messages, beside(10, ALERTMANAGER, rival?.messages));
  report.add('storm of 10,000 alerts, the first message', 'ms', ours.firstMs, beside(5000, ALERTMANAGER, rival?.firstMs));
  report.add(
    'storm of 10,000 alerts, the largest message',
    'bytes',
    ours.largestBytes,
    rival === undefined ? {} : { [ALERTMANAGER]: rival.largestBytes },
  );
  report.add(
    'storm of 10,000 alerts, the first message names the root',
    '1 = yes',
    ours.namesRoot ? 1 : 0,
    beside(1, ALERTMANAGER, rival && Number(rival.namesRoot)),
  );
}
report.end();
process.exit(0);
