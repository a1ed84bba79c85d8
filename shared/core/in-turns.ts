/** Does so many things at a time, in order. */
export async function inTurns<T, A>(
  things: readonly T[],
  atOnce: number,
  does: (thing: T) => Promise<A>,
): Promise<A[]> {
  const answers: A[] = new Array<A>(things.length);
  const left = things.entries();
  const worker = async () => {
    for (const [n, thing] of left) answers[n] = await does(thing);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, things.length) }, worker));
  return answers;
}
