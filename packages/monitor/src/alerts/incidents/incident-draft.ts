import { severityRank } from '../../model/severity.ts';
import type { ActiveAlert } from '../alerting.ts';
import type { Incident, IncidentMember } from './correlate.ts';

/** An incident while changes are made to it: its members are copied once and found by their alert, however many of them a storm changes. */
export class IncidentDraft implements Incident {
  readonly id: string;
  readonly #members: IncidentMember[];
  readonly #places: Map<string, number>;
  #startedAtMs: number;
  #endedAtMs: number | undefined;
  #stillFiring: number;

  constructor({ id, startedAtMs, endedAtMs, members }: Incident) {
    this.id = id;
    this.#startedAtMs = startedAtMs;
    this.#endedAtMs = endedAtMs;
    this.#members = [...members];
    this.#places = new Map(members.map(({ alertId }, place) => [alertId, place]));
    this.#stillFiring = members.filter((member) => member.endedAtMs === undefined).length;
  }

  get startedAtMs(): number {
    return this.#startedAtMs;
  }
  get endedAtMs(): number | undefined {
    return this.#endedAtMs;
  }
  get members(): readonly IncidentMember[] {
    return this.#members;
  }

  join(member: IncidentMember): void {
    this.#places.set(member.alertId, this.#members.length);
    this.#members.push(member);
    this.#startedAtMs = Math.min(this.#startedAtMs, member.beganAtMs);
    this.#stillFiring++;
  }

  /** The last of its alerts to end ends the incident. */
  end(alertId: string, atMs: number): void {
    const known = this.#member(alertId);
    if (known === undefined) return;
    if (known.endedAtMs === undefined) this.#stillFiring--;
    this.#replace({ ...known, endedAtMs: atMs });
    this.#endedAtMs = this.#stillFiring === 0 ? atMs : undefined;
  }

  /** Keeps the worst that the alert has been. */
  worsen({ id, severity, message }: ActiveAlert): void {
    const known = this.#member(id);
    if (known !== undefined && severityRank(severity) > severityRank(known.severity)) this.#replace({ ...known, severity, message });
  }

  incident(): Incident {
    return { id: this.id, startedAtMs: this.#startedAtMs, endedAtMs: this.#endedAtMs, members: this.#members };
  }

  #member(alertId: string): IncidentMember | undefined {
    const place = this.#places.get(alertId);
    return place === undefined ? undefined : this.#members[place];
  }

  #replace(member: IncidentMember): void {
    this.#members[this.#places.get(member.alertId) as number] = member;
  }
}
