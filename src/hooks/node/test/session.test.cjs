'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { test, after } = require('node:test');

const { FrameReader, frameOf } = require('../main.cjs');
const { Session } = require('../session.cjs');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'slsart-hooks-'));
after(() => fs.rmSync(folder, { recursive: true }));
const nothing = Buffer.alloc(0);
let files = 0;

// A session with a processor of this source, loaded; `next()` waits for its next frame.
async function open(source, world = {}) {
  const processor = path.join(folder, `p${++files}.js`);
  fs.writeFileSync(processor, source);
  const frames = [];
  let heard = () => {};
  const session = new Session((json) => {
    frames.push(JSON.parse(json));
    heard();
  });
  const next = async () => {
    while (frames.length === 0) await new Promise((resolve) => { heard = resolve; });
    return frames.shift();
  };
  session.take([[0, { processor, names: ['n', 'list', 'target'], shared: { target: 'http://x' },
    target: 'http://x', points: [{ kind: 'function', names: ['f'] }], steps: [],
    scenarios: [{ name: 's' }], slsart: { workerIndex: 0 }, jsonBodies: 'both', ...world }]], nothing);
  return { session, next, first: await next() };
}

test('tells its functions, then answers a call that changed nothing by its number', async () => {
  const { session, next, first } = await open('exports.f = (c, e, done) => done();');
  assert.deepStrictEqual(first, { ready: ['f'] });
  session.take([[1, 1, 0, 0], [3, 77, 1, 0, 0, 0, 0]], nothing);
  assert.deepStrictEqual(await next(), { r: [77] });
});

test('only variables that changed travel, each once', async () => {
  const { session, next } = await open(`exports.f = (c, e, done) => {
    c.vars.n = (c.vars.n || 0) + 1; c.vars.other = 1; c.vars.list ??= []; done(); };`);
  session.take([[1, 1, 0, 0], [3, 1, 1, 0, 0, [0, 5], 0]], nothing);
  assert.deepStrictEqual((await next()).r, [[1, 0, [0, 6, 1, []]]]);
  session.take([[3, 2, 1, 0, 0, 0, 0]], nothing);
  assert.deepStrictEqual((await next()).r, [[2, 0, [0, 7]]]);
});

test('a change inside an object is noticed, one that is undone is not', async () => {
  const { session, next } = await open(`exports.f = (c, e, done) => {
    if (c.vars.n === 1) c.vars.list.push(2); else c.vars.list = [...c.vars.list]; done(); };`);
  session.take([[1, 1, 0, 0], [3, 1, 1, 0, 0, [0, 1, 1, [1]], 0]], nothing);
  assert.deepStrictEqual((await next()).r, [[1, 0, [1, [1, 2]]]]);
  session.take([[3, 2, 1, 0, 0, [0, 2], 0]], nothing);
  assert.deepStrictEqual((await next()).r, [2]);
});

test('deleted and undefined variables are told as gone', async () => {
  const { session, next } = await open('exports.f = (c, e, done) => { delete c.vars.n; c.vars.list = undefined; done(); };');
  session.take([[1, 1, 0, 0], [3, 1, 1, 0, 0, [0, 1, 1, [1]], 0]], nothing);
  assert.deepStrictEqual((await next()).r, [[1, 0, [-2, 0, -1, 0]]]);
});

test('many calls of a frame are answered in one', async () => {
  const { session, next } = await open(`exports.f = async (c, e) => {
    await null; e.emit('counter', 'x', 2); e.emit('histogram', 'h', c.slsart.arrivalIndex); };`);
  const calls = [];
  for (let user = 1; user <= 50; ++user) calls.push([1, user, user, 0], [3, 100 + user, user, 0, 0, 0, 0]);
  session.take(calls, nothing);
  const frame = await next();
  assert.strictEqual(frame.r.length, 50);
  assert.deepStrictEqual(frame.m.map(([, kind, name]) => kind + name), ['cx', 'hh']);
  assert.deepStrictEqual(frame.c, [0, 100]);
  assert.strictEqual(frame.h[0].length, 51);
});

test('contexts of users are apart, and gone with them', async () => {
  const { session, next } = await open('exports.f = (c, e, done) => { c.vars.n = (c.vars.n || 0) + 1; done(); };');
  session.take([[1, 1, 0, 0], [1, 2, 1, 0], [3, 1, 1, 0, 0, 0, 0], [3, 2, 2, 0, 0, 0, 0]], nothing);
  assert.deepStrictEqual((await next()).r, [[1, 0, [0, 1]], [2, 0, [0, 1]]]);
  session.take([[2, 1], [1, 1, 2, 0], [3, 3, 1, 0, 0, 0, 0]], nothing);
  assert.deepStrictEqual((await next()).r, [[3, 0, [0, 1]]]);
});

test('a function that calls back twice is over once', async () => {
  const { session, next } = await open('exports.f = (c, e, done) => { done(); done(new Error("late")); setImmediate(done); };');
  session.take([[1, 1, 0, 0], [3, 1, 1, 0, 0, 0, 0]], nothing);
  assert.deepStrictEqual(await next(), { r: [1] });
});

test('a processor that cannot be loaded says where', async () => {
  const { first } = await open('\nthrow new Error("no env");');
  assert.match(first.failed.message, /no env/);
  assert.deepStrictEqual([first.failed.line, first.failed.column], [2, 7]);
});

test('frames may arrive in any pieces', () => {
  const json = JSON.stringify([[7]]);
  const blob = Buffer.from('bytes');
  const frame = Buffer.alloc(8);
  frame.writeUInt32LE(4 + json.length + blob.length, 0);
  frame.writeUInt32LE(json.length, 4);
  const stream = Buffer.concat([frame, Buffer.from(json), blob, frame, Buffer.from(json), blob]);
  for (let size = 1; size <= stream.length; ++size) {
    const got = [];
    const reader = new FrameReader((text, bytes) => got.push(text + bytes.toString()));
    for (let at = 0; at < stream.length; at += size) reader.push(stream.subarray(at, at + size));
    assert.deepStrictEqual(got, [`${json}bytes`, `${json}bytes`]);
  }
});

test('a frame that is too large is refused', () => {
  const reader = new FrameReader(() => {});
  assert.throws(() => reader.push(Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])));
  assert.strictEqual(frameOf('é').readUInt32LE(0), 2);
});
