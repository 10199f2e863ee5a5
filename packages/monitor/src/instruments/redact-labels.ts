/**
 * Takes secrets and personal data out of label values before a series comes to be, so that neither the store nor anybody downstream sees
 * them. Two signs: the label's name says so (`password`, `authorization`, …), or the value looks like one (a bearer token, a JWT, an
 * e-mail address, a card number that passes the Luhn check, credentials in a URL). Runs once a series, never once a record. It knows
 * shapes, not meanings: an opaque identifier of a person under an innocent name passes.
 */
import type { Labels } from '../model/labels.ts';

export const REDACTED = '[redacted]';

const SECRET_NAME =
  /(^|_)(pass(word|wd|phrase)?|pwd|secrets?|tokens?|api_?keys?|apikey|auth(orization|entication)?|credentials?|cookies?|session(_?id)?|private_?key|access_?key|bearer|jwt|ssn|card(_?number)?|cvv|cvc|iban|e_?mail(_address)?)$/;

const SECRET_PARTS: readonly (readonly [RegExp, string])[] = [
  // scheme://user:password@host, also with an empty user
  [/([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@:]{0,256}:[^\s@/]{1,256}@/gi, `$1${REDACTED}@`],
  // password=…, token: …, in connection strings, queries and headers
  [
    /\b(pass(?:word|wd|phrase)?|pwd|secret|(?:access_|refresh_|id_)?token|api[-_]?key|sig(?:nature)?|client_secret|authorization|cookie|session(?:id)?)(\s{0,3}[=:]\s{0,3})(?!\[redacted\]|[?]|\$\d)("[^"]*"|'[^']*'|(?:bearer|basic)\s+[^\s&;,]+|[^\s&;,]+)/gi,
    `$1$2${REDACTED}`,
  ],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  // JSON Web Tokens
  [/\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g, REDACTED],
  // keys that carry their maker's prefix
  [/\b(?:sk|pk|rk|ghp|gho|ghs|ghu|glpat|xox[abposr]|npm|AKIA|ASIA|AIza)[-_]?[\w-]{16,}/g, REDACTED],
  [/[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,62}\.)+[a-z]{2,24}/gi, REDACTED],
];
const CARD_LIKE = /\b\d(?:[ -]?\d){12,18}\b/g;
/** Cheap: no secret part can match a value without one of these. */
const SUSPICIOUS = /[@=:]|\d{4}|eyJ|bearer|basic|[-_][\w-]{16}|AKIA|ASIA|AIza/i;

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const grown = i % 2 === 1 ? digit * 2 : digit;
    sum += grown > 9 ? grown - 9 : grown;
  }
  return sum % 10 === 0;
}

/** The text without what looks like a secret. Linear in its length; give it at most some KB. */
export function redactText(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  let clean = text;
  for (const [pattern, replacement] of SECRET_PARTS) clean = clean.replace(pattern, replacement);
  return clean.replace(CARD_LIKE, (match) => (passesLuhn(match.replaceAll(/\D/g, '')) ? REDACTED : match));
}

/** `userPassword`, `X-Api-Key` and `api_key` are one style to the test above. */
function isSecretName(name: string): boolean {
  return SECRET_NAME.test(
    name
      .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replaceAll(/[.-]/g, '_')
      .toLowerCase(),
  );
}

/** The labels with secrets replaced by `[redacted]`; the same object when there are none. Not modified. */
export function redactLabels(labels: Labels): Labels {
  let clean: Record<string, string> | undefined;
  for (const [name, value] of Object.entries(labels)) {
    const safe = isSecretName(name) ? REDACTED : redactText(value);
    if (safe !== value) (clean ??= { ...labels })[name] = safe;
  }
  return clean ?? labels;
}
