import { messageOfGain } from './gain-text.ts';
import type { Category, ExpectedGain } from './advisor.ts';

/** What a finding leads to: everything of a recommendation that is not the finding itself. */
export interface Advice {
  readonly category: Category;
  readonly title: string;
  readonly description: string;
  /** Said instead of the gain where no number can be promised. */
  readonly impact: string;
  readonly effort: 'low' | 'medium' | 'high';
  readonly implementation: readonly string[];
  readonly verification: string;
  readonly gain: ExpectedGain | undefined;
}

/** Advice whose impact is its gain, put into words. */
export function adviceWithGain(advice: Omit<Advice, 'impact' | 'gain'> & { readonly gain: ExpectedGain }): Advice {
  return { ...advice, impact: messageOfGain(advice.gain) };
}
