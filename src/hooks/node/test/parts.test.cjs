'use strict';

const assert = require('node:assert');
const { test } = require('node:test');

const { Jar } = require('../jar.cjs');
const { makeRequest, Edits } = require('../request.cjs');
const { Response, parseHeaders } = require('../response.cjs');
const { toEntry } = require('../session.cjs');
const { fill, kFunctions } = require('../template.cjs');

const target = 'http://x';
const world = { target };

function edited(spec, change, vars = {}) {
  const step = { spec, method: 'GET', timeout: 10 };
  const request = makeRequest(step, target);
  change(request);
  return new Edits(request, step, world, vars, kFunctions).find();
}

test('slots are filled with types, paths and functions; values are never filled again', () => {
  const vars = { a: { b: [1, { c: 'x' }] }, 'd.e': 'dot', n: 0, t: '{{ n }}', u: null };
  const cases = [
    ['{{ a.b[1].c }}', 'x'], ["{{ a['b'][0] }}", 1], ['{{ d.e }}', 'dot'], ['{{{ n }}}', 0],
    ['n={{ n }} u={{ u }} no={{ none }}', 'n=0 u=null no=undefined'], ['{{ t }}!', '{{ n }}!'],
    ['{{ none }}', undefined], ['{{ a.b }}!', '[1,{"c":"x"}]!'], ['{{ a + b }}', '{{ a + b }}'],
    ['{{ $randomNumber(3,3) }}', 3], ['{{ $nope() }}', '{{ $nope() }}'], ['plain', 'plain'],
  ];
  for (const [text, wanted] of cases) assert.deepStrictEqual(fill(text, vars, kFunctions), wanted, text);
  assert.deepStrictEqual(fill({ '{{ d.e }}': ['{{ n }}', 1, null] }, vars, kFunctions), { dot: [0, 1, null] });
  assert.strictEqual(fill('{{ $randomString(5) }}', vars, kFunctions).length, 5);
});

test('a request that was left alone has no edits', () => {
  const spec = { url: '/a', json: { deep: [1] }, headers: { a: '{{ b }}' }, cookie: { c: 1 } };
  assert.strictEqual(edited(spec, () => {}), undefined);
  assert.strictEqual(edited(spec, (req) => { req.json = { deep: [1] }; req.own = 1; }), undefined);
});

test('steps are not changed for the next user', () => {
  const spec = { url: '/a', json: { deep: [1] }, headers: { a: '1' } };
  edited(spec, (req) => { req.json.deep.push(2); req.headers.b = '2'; });
  assert.deepStrictEqual(spec, { url: '/a', json: { deep: [1] }, headers: { a: '1' } });
});

test('each change has its edit', () => {
  const spec = { url: '/a', json: { x: 1 }, headers: { a: '1', b: '2' } };
  const cases = [
    [(req) => { req.url = '/{{ v }}'; }, { u: '/val' }],
    [(req) => { req.uri = 'http://y/'; }, { u: 'http://y/' }],
    [(req) => { req.url = new URL('http://y/z'); }, { u: 'http://y/z' }],
    [(req) => { req.json.y = '{{ v }}'; }, { b: '{"x":1,"y":"val"}', t: 'application/json' }],
    [(req) => { req.json = '{{ none }}'; }, { b: null, t: 'application/json' }],
    [(req) => { delete req.json; }, { b: null }],
    [(req) => { delete req.json; req.body = 'b'; }, { b: 'b' }],
    [(req) => { delete req.json; req.form = { a: 'ä b' }; },
      { b: 'a=%C3%A4+b', t: 'application/x-www-form-urlencoded' }],
    [(req) => { delete req.json; req.body = Buffer.from([1]); }, { x: 'AQ==' }],
    [(req) => { req.headers.A = undefined; delete req.headers.b; }, { h: [['a', null], ['b', null]] }],
    [(req) => { req.headers = { a: '1', b: '{{ v }}' }; }, { h: [['b', 'val']] }],
    [(req) => { req.qs = { a: ['1', 2] }; }, { q: [['a', '1'], ['a', '2']] }],
    [(req) => { req.cookie = { a: '{{ v }}' }; }, { k: [['a', 'val']] }],
    [(req) => { req.auth = { user: 'u', pass: 1 }; }, { a: ['u', '1'] }],
    [(req) => { req.method = 'post'; req.timeout = 2; req.followRedirect = false; }, { m: 'POST', o: 2, f: false }],
  ];
  for (const [change, wanted] of cases) {
    assert.deepStrictEqual(edited(spec, change, { v: 'val' }), wanted, String(change));
  }
});

test('headers of responses are as Node has them', () => {
  assert.deepStrictEqual(parseHeaders('A: 1\r\nset-cookie: x=1\r\na: 2\r\nSet-Cookie: y: 2\r\nbad\r\n'),
    { a: '1, 2', 'set-cookie': ['x=1', 'y: 2'] });
});

test('JSON answers to requests with json are text and value at once', () => {
  const make = (bodies, body = '{"a":{"b":1}}', json = {}) => new Response({ status: 200, url: 'http://x/p?q=1',
    headers: '', body, request: { json }, bodies });
  const both = make('both').body;
  assert.strictEqual(both.a.b, 1);
  assert.deepStrictEqual(JSON.parse(both), { a: { b: 1 } });
  assert.strictEqual(JSON.stringify(both), '{"a":{"b":1}}');
  assert.deepStrictEqual(make('parsed').body, { a: { b: 1 } });
  assert.strictEqual(make('text').body, '{"a":{"b":1}}');
  assert.strictEqual(make('both', 'no json').body, 'no json');
  assert.strictEqual(make('both', '{}', null).body, '{}');
  assert.strictEqual(make('both').request.uri.query, 'q=1');
  assert.ok(JSON.parse(JSON.stringify(make('both'))).statusCode === 200);
});

test('cookies are found by the store, by address, and written', () => {
  const jar = new Jar([['s', '1', 'h.test', '/interaction/7', true, false, null],
    ['t', '2', 'test', '/', false, true, Date.UTC(2040, 0)]]);
  const cookie = Object.values(jar._jar.store.idx['h.test'])[0].s;
  assert.strictEqual(String(cookie), 's=1; Path=/interaction/7');
  assert.strictEqual(jar.getCookieStringSync('http://h.test/interaction/7/x'), 's=1');
  assert.strictEqual(jar.getCookieStringSync('https://h.test/interaction/7'), 's=1; t=2');
  assert.strictEqual(jar.getCookieStringSync('http://h.test/interaction/77'), '');
  jar.setCookieSync('u=3; Path=/', 'http://h.test/');
  assert.deepStrictEqual(jar.takeWritten(), [['u=3; Path=/', 'http://h.test/']]);
  assert.strictEqual(jar.getCookieStringSync('http://h.test/'), 'u=3');
});

test('who waits for the callback is told from its parameters', () => {
  const cases = [
    [(c, e, done) => done(), true], [(c) => c.vars.x = 1, false], [async (c) => { c.x = 1; }, false],
    [(...all) => all, true], [function f() { return arguments; }, true], [(c, e, done = () => {}) => done, true],
    [() => {}, false], [{ f(c, e) { return c; } }.f, false], [c => c, false],
  ];
  for (const [fn, wanted] of cases) assert.strictEqual(toEntry(fn, 'function').wantsNext, wanted, String(fn));
});
