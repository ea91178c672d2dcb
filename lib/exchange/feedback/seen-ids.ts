/** Bits of the filter: 8 MB, however many ids there are. Of a million new ids about a thousand are held for seen ones. */
const BITS = 26;

const MASK = 2 ** BITS - 1;

/** Remembers ids in memory that does not grow. */
export interface SeenIds {
  /** Takes an id in, and says whether it may have been there: wrongly now and then, but never wrongly no. */
  mayHave(id: string): boolean;
}

/** A Bloom filter with two places for an id. */
export function createSeenIds(): SeenIds {
  const words = new Uint32Array(2 ** (BITS - 5));
  const take = (place: number): boolean => {
    const [at, bit] = [place >>> 5, 1 << (place & 31)];
    const word = words[at] ?? 0;
    words[at] = word | bit;
    return (word & bit) !== 0;
  };
  return {
    mayHave: (id) => {
      // FNV-1a; what it is mixed with gives the other place.
      let hash = 0x811c9dc5;
      for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
      const first = take((hash ^ (hash >>> 15)) & MASK);
      const second = take((Math.imul(hash, 0x9e3779b1) >>> 6) & MASK);
      return first && second;
    },
  };
}
