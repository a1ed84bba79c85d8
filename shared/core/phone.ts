import { parsePhoneNumberFromString } from 'libphonenumber-js/min/es6';

/** A phone number in E.164 (`+34612345678`); numbers without a country code are read as of `country`. What is none stays as written. */
export function normalisedPhone(raw: string, country: string): string {
  const number = parsePhoneNumberFromString(raw, country as Parameters<typeof parsePhoneNumberFromString>[1] as never);
  return number?.isPossible() ? number.number : raw.trim();
}
