/**
 * The codes that mean something: of currencies and countries that are, and of those that were, which history is written in. This runtime
 * knows their names; what has none is a slip of the pen.
 */
const known = (type: 'currency' | 'region', form: RegExp, none: string) => {
  const seen = new Map<string, boolean>();
  let names: Intl.DisplayNames | undefined;
  return (code: string): boolean => {
    if (!form.test(code)) return false;
    names ??= new Intl.DisplayNames('en', { type, fallback: 'none' });
    const is = seen.get(code) ?? (!none.includes(code) && names.of(code) !== undefined);
    seen.set(code, is);
    return is;
  };
};

/** Whether three upper-case letters are a currency of ISO 4217. */
export const isCurrency = known('currency', /^[A-Z]{3}$/, 'XXX XTS');
/** Whether two upper-case letters are a country of ISO 3166-1, and no union, test or unknown region. */
export const isCountry = known('region', /^[A-Z]{2}$/, 'EU EZ UN QO XA XB ZZ');
