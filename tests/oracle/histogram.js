// node histogram.js check < lines of `histogram_samples write`
//   Decodes each with hdr-histogram-js, records the same values into a histogram of its own, and compares: every
//   bucket, its own percentiles, and the quantiles that we told. Prints one line of JSON for each: the faults.
// node histogram.js make SEED COUNT
//   Prints random histograms of its own, of any resolution: {"hex", "digits", "lowest", "sorted"}.
'use strict';
const hdr = require('hdr-histogram-js');

const LARGEST = 2 ** 42 - 1;
const PERCENTILES = [0, 0.01, 1, 10, 25, 50, 66.6, 75, 90, 95, 99, 99.9, 99.99, 99.999, 100];

function build(digits = 2, lowest = 1) {
  return hdr.build({lowestDiscernibleValue: lowest, highestTrackableValue: LARGEST,
    numberOfSignificantValueDigits: digits, bitBucketSize: 64, useWebAssembly: false});
}

// Our rule: the middle of the first bucket at which the running count exceeds q (n - 1), within [min, max].
function quantile(histogram, q, count, min, max) {
  let running = 0;
  for (let i = 0; i < histogram.countsArrayLength; i++) {
    running += histogram.getCountAtIndex(i);
    if (running > q * (count - 1)) {
      return Math.min(Math.max(histogram.medianEquivalentValue(histogram.valueFromIndex(i)), min), max);
    }
  }
  return 0;
}

function faultsOf(line) {
  const faults = [];
  const same = (what, got, wanted) => got === wanted || faults.push(`${what}: ${got}, ${wanted} expected`);
  const decoded = hdr.decodeFromCompressedBase64(line.encoded, 64, false);
  const own = build();
  let [count, min, max] = [0, Infinity, 0];
  for (const [value, times] of line.values) {
    const kept = Math.min(value, LARGEST);
    own.recordValueWithCount(kept, times);
    count += times;
    min = Math.min(min, kept);
    max = Math.max(max, kept);
  }
  if (count === 0) min = 0;
  same('count', line.count, count);
  same('min', line.min, min);
  same('max', line.max, max);
  same('decoded count', decoded.totalCount, count);
  for (let i = 0; i < Math.max(own.countsArrayLength, decoded.countsArrayLength); i++) {
    same(`bucket ${i}`, i < decoded.countsArrayLength ? decoded.getCountAtIndex(i) : 0,
      i < own.countsArrayLength ? own.getCountAtIndex(i) : 0);
  }
  if (count > 0) {
    for (const p of PERCENTILES) same(`p${p}`, decoded.getValueAtPercentile(p), own.getValueAtPercentile(p));
    for (const {q, value} of line.quantiles) same(`quantile ${q}`, value, quantile(own, q, count, min, max));
  }
  return faults;
}

function check(text) {
  for (const line of text.split('\n').filter(Boolean)) console.log(JSON.stringify(faultsOf(JSON.parse(line))));
}

// A small generator with a seed (mulberry32).
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function make(seed, count) {
  const next = random(seed);
  for (let i = 0; i < count; i++) {
    const digits = 1 + Math.floor(next() * 5);
    const lowest = Math.floor(2 ** (next() * 12));
    const histogram = build(digits, lowest);
    const sorted = [];
    const spread = next() * 30;
    for (let left = Math.floor(next() * 300); left > 0; left--) {
      const value = Math.min(Math.floor(2 ** (10 + next() * spread)), LARGEST);
      histogram.recordValue(value);
      sorted.push(value);
    }
    sorted.sort((a, b) => a - b);
    const bytes = Buffer.from(hdr.encodeIntoCompressedBase64(histogram), 'base64');
    console.log(JSON.stringify({hex: bytes.toString('hex'), digits, lowest, sorted}));
  }
}

if (process.argv[2] === 'check') check(require('fs').readFileSync(0, 'utf8'));
else make(Number(process.argv[3]), Number(process.argv[4]));
