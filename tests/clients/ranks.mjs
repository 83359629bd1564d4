// Ranks as an app makes them: a fraction between 0 and 1 in base 62, without the "0.".
// The same as backend/kit/ranks.py: see docs/client.md.

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PLACES = 62n * 62n; // So many a gap has at least, for two who aim at it to hit different ones.
const LONGEST = 64;

/** A rank between two, at random in the middle half; null is the beginning or the end. Undefined
 *  where there is none, as between two of the same rank: then the API makes room (`:move`). */
export function between(low, high) {
  if (low !== null && high !== null && low >= high) return undefined;
  for (let length = 1; length <= LONGEST; length++) {
    const first = low === null ? 1n : floor(low, length) + 1n;
    const end = high === null ? 62n ** BigInt(length) : ceiling(high, length);
    const count = end - first;
    if (count >= PLACES || (length === LONGEST && count > 0n)) {
      const middle = count / 4n + BigInt(Math.floor(Math.random() * Number(count / 2n + 1n)));
      return written(first + (middle < count ? middle : count - 1n), length);
    }
  }
  return undefined;
}

function floor(rank, length) {
  let value = 0n;
  for (const digit of rank.slice(0, length).padEnd(length, "0")) {
    value = value * 62n + BigInt(DIGITS.indexOf(digit));
  }
  return value;
}

function ceiling(rank, length) {
  return floor(rank, length) + (/[^0]/.test(rank.slice(length)) ? 1n : 0n);
}

function written(value, length) {
  let text = "";
  for (let left = length; left > 0; left--) {
    text = DIGITS[Number(value % 62n)] + text;
    value /= 62n;
  }
  return text.replace(/0+$/, "");
}
