'use strict';

// What is between frames and functions: the users' contexts, the calls under way, the answers.

const util = require('util');
const { Tally, Events, errorText } = require('./events.cjs');
const { Jar } = require('./jar.cjs');
const { load, describe } = require('./load.cjs');
const { makeRequest, Edits, lazy } = require('./request.cjs');
const { Response, parseHeaders } = require('./response.cjs');
const { fill, lookUp, kFunctions } = require('./template.cjs');
const { Variables } = require('./variables.cjs');

// Messages of the engine, by their first element; frame.h has the others.
const kStart = 0;
const kUser = 1;
const kEndUser = 2;
const kCall = 3;
const kAfter = 4;
const kOnError = 5;
const kCookies = 6;
const kPing = 7;

// How many arguments a function of each kind is given, the callback included.
const kArity = { function: 3, while: 2, condition: 1, before: 4, after: 5, error: 5 };

const kMostAnswerBytes = 32 << 20;
const kFlushBytes = 1 << 20;

// The user whose function is running, for console lines.
let present = null;

class Context {
  constructor(session, number, arrival, scenario) {
    const { vars, told } = session.variables.make();
    this.vars = vars;
    this.funcs = { ...kFunctions, $template: (text) => fill(text, vars, kFunctions) };
    this.scenario = session.world.scenarios[scenario];
    this.slsart = { ...session.world.slsart, arrivalIndex: arrival };
    hide(this, '_told', told);
    hide(this, '_number', number);
    hide(this, '_cookies', []);
    hide(this, '_requests', null);
    hide(this, '_ownJar', null);
    hide(this, '_events', null);
  }

  get _jar() {
    if (!this._ownJar) this._ownJar = new Jar(this._cookies);
    return this._ownJar;
  }
}

function hide(object, key, value) {
  Object.defineProperty(object, key, { value, writable: true, enumerable: false });
}

// A function with what must be known to call it. `wantsNext`: it has a parameter for the callback,
// or takes any number, so it is over when it calls back.
function toEntry(fn, kind) {
  const isAsync = fn.constructor.name === 'AsyncFunction';
  let wantsNext = fn.length >= kArity[kind];
  if (!wantsNext) wantsNext = /\.\.\.|\barguments\b|=/.test(parametersOf(fn));
  return { fn, isAsync, wantsNext };
}

// The text of the parameters, and "arguments" when the function looks at those.
function parametersOf(fn) {
  const source = Function.prototype.toString.call(fn);
  const extra = /\barguments\b/.test(source) ? 'arguments' : '';
  const lone = /^(?:async\s+)?[\w$]+\s*=>/.exec(source);
  if (lone) return extra;
  const start = source.indexOf('(');
  let depth = 0;
  for (let at = start; at >= 0 && at < source.length; ++at) {
    if (source[at] === '(') ++depth;
    if (source[at] === ')' && --depth === 0) return source.slice(start, at) + extra;
  }
  return extra;
}

class Session {
  // send(json) writes one frame.
  constructor(send) {
    this.send = send;
    this.users = new Map();
    this.tally = new Tally();
    this.answers = [];
    this.answerBytes = 0;
    this.flushes = false;
    this.complained = new Set();
    this.wake = () => this.schedule();
  }

  // --- frames in
  take(messages, blob) {
    let at = 0;
    for (const message of messages) {
      const [kind] = message;
      if (kind === kStart) this.start(message[1]);
      else if (kind === kUser) this.users.set(message[1],
        new Context(this, message[1], message[2], message[3]));
      else if (kind === kEndUser) this.users.delete(message[1]);
      else if (kind === kCall) this.call(message);
      else if (kind === kAfter) at = this.after(message, blob, at);
      else if (kind === kOnError) this.onError(message);
      else if (kind === kCookies) this.cookies(message);
      else if (kind === kPing) this.answer('0');
    }
  }

  start(world) {
    this.world = world;
    this.variables = new Variables(world.names, world.shared);
    this.patchConsole();
    Promise.resolve().then(() => load(world.processor)).then((functions) => {
      this.functions = functions;
      this.points = world.points.map(({ kind, names }) => ({
        kind,
        entries: names && names.map((name) => this.entryOf(name, kind)),
      }));
      this.send(JSON.stringify({ ready: [...functions.keys()] }));
    }).catch((error) => {
      const failed = describe(error, world.processor);
      if (failed.line === 0) process.stderr.write(`${util.inspect(error)}\n`);
      this.send(JSON.stringify({ failed }));
    });
  }

  entryOf(name, kind) {
    const fn = this.functions.get(name);
    return fn ? toEntry(fn, kind) : { name };
  }

  entriesOf(point, names) {
    const { kind, entries } = this.points[point];
    return entries ?? names.map((name) => this.entryOf(name, kind));
  }

  call([, call, number, point, visit, changes, names]) {
    const context = this.users.get(number);
    if (changes) this.variables.apply({ vars: context.vars, told: context._told }, changes);
    const { kind, step, keeps } = this.world.points[point];
    const entries = this.entriesOf(point, names);
    if (kind === 'before') {
      const request = makeRequest(this.world.steps[step], this.world.target);
      if (keeps) (context._requests ??= new Map()).set(visit, request);
      this.series(context, entries, [request, context, this.eventsOf(context)], (error) => {
        this.finish(context, call, error, () => this.edits(context, request, step));
      });
    } else if (kind === 'while' || kind === 'condition') {
      this.ask(context, entries[0], kind, (error, value) => {
        this.finish(context, call, error, undefined, value ? 1 : 0);
      });
    } else {
      this.series(context, entries, [context, this.eventsOf(context)],
        (error) => this.finish(context, call, error));
    }
  }

  // Returns where the next call's bytes start.
  after([, call, number, point, visit, changes, names, status, url, sizes], blob, start) {
    const context = this.users.get(number);
    if (changes) this.variables.apply({ vars: context.vars, told: context._told }, changes);
    let at = start;
    const piece = (size) => (size < 0 ? null : blob.utf8Slice(at, (at += size)));
    const [sentHeaders, sentBody, headers, body] = sizes.map(piece);
    const request = this.sentRequest(context, point, visit, url, sentHeaders, sentBody);
    const response = new Response({ status, url: request.url, headers, body, request,
      bodies: this.world.jsonBodies });
    this.series(context, this.entriesOf(point, names),
      [request, response, context, this.eventsOf(context)],
      (error) => this.finish(context, call, error));
    return at;
  }

  // The object that beforeRequest had, or a new one, now as it was sent.
  sentRequest(context, point, visit, url, headers, body) {
    const { step } = this.world.points[point];
    let request = context._requests?.get(visit);
    if (request) context._requests.delete(visit);
    else request = makeRequest(this.world.steps[step], this.world.target);
    request.url = url;
    if (request.uri !== undefined) request.uri = url;
    lazy(request, 'headers', () => parseHeaders(headers));
    if (body !== null && request.json !== undefined) lazy(request, 'json', () => JSON.parse(body));
    else if (body !== null && request.body !== undefined) request.body = body;
    return request;
  }

  onError([, call, number, point, visit, changes, names, text, url]) {
    const context = this.users.get(number);
    if (changes) this.variables.apply({ vars: context.vars, told: context._told }, changes);
    const { step } = this.world.points[point];
    const kept = context._requests?.get(visit);
    const request = kept ?? makeRequest(this.world.steps[step], this.world.target);
    if (kept) context._requests.delete(visit);
    if (url) request.url = url;
    const error = new Error(text);
    if (/^[A-Z][A-Z0-9_]+$/.test(text)) error.code = text;
    this.series(context, this.entriesOf(point, names),
      [error, request, context, this.eventsOf(context)],
      (failure) => this.finish(context, call, failure));
  }

  cookies([, number, list]) {
    const context = this.users.get(number);
    context._cookies = list;
    if (context._ownJar) context._ownJar.update(list);
  }

  // --- functions
  eventsOf(context) {
    return (context._events ??= new Events(this.tally, this.wake));
  }

  // Calls the functions one after another; the first error ends it.
  series(context, entries, args, end) {
    const { length } = entries;
    let index = 0;
    const go = () => {
      for (;;) {
        if (index === length) return end(null);
        const entry = entries[index++];
        let inside = true;
        let isOver = false;
        this.invoke(context, entry, args, (error) => {
          if (error) return end(error);
          isOver = true;
          return inside ? undefined : go();
        });
        inside = false;
        if (!isOver) return undefined;
      }
    };
    return go();
  }

  // Calls one function; `end(error, value)` hears once.
  invoke(context, entry, args, end, kind) {
    if (!entry.fn) return this.missing(entry.name, end);
    let isOver = false;
    const over = (error, value) => {
      if (isOver) return;
      isOver = true;
      end(error, value);
    };
    const next = kind === 'while' ? (value) => over(null, value) : (error) => over(error ?? null);
    const before = present;
    present = context;
    let result;
    try {
      result = entry.fn(...args, next);
    } catch (error) {
      return over(error ?? new Error('undefined was thrown'));
    } finally {
      present = before;
    }
    if (isOver) return undefined;
    if (result !== null && typeof result === 'object' && typeof result.then === 'function') {
      const waitsForNext = entry.wantsNext && !entry.isAsync;
      result.then((value) => (waitsForNext ? undefined : over(null, value)),
        (error) => over(error ?? new Error('a promise was rejected without a reason')));
    } else if (!entry.wantsNext || kind === 'condition') {
      over(null, result);
    }
    return undefined;
  }

  // A name in the place of a condition is that of a function, else of a variable.
  ask(context, entry, kind, end) {
    if (!entry.fn) return end(null, lookUp(context.vars, entry.name));
    return this.invoke(context, entry, [kind === 'while' ? context : context.vars], end, kind);
  }

  missing(name, end) {
    this.tally.count('e', `Undefined function "${name}"`, 1);
    end(null);
  }

  // --- answers out
  edits(context, request, step) {
    const edits = new Edits(request, this.world.steps[step], this.world, context.vars, context.funcs);
    return edits.find();
  }

  finish(context, call, error, makeEdits, flag) {
    if (error) return this.answer(`[${call},${JSON.stringify(errorText(error))}]`);
    let vars = '';
    let edits;
    let others = '';
    try {
      edits = makeEdits?.();
      const user = { vars: context.vars, told: context._told };
      vars = this.variables.changes(user, (name, problem) => this.complain(name, problem));
      if (this.world.keepsAll) others = this.variables.others(user);
    } catch (problem) {
      return this.answer(`[${call},${JSON.stringify(errorText(problem))}]`);
    }
    const written = context._ownJar ? context._ownJar.takeWritten() : [];
    let text = '';
    if (written.length > 0) text = `,${JSON.stringify(written)}`;
    if (text || others) text = `,${others || 0}${text}`;
    if (text || flag) text = `,${flag ?? 0}${text}`;
    if (text || edits) text = `,${edits ? JSON.stringify(edits) : 0}${text}`;
    if (text || vars) text = `,${vars ? `[${vars}]` : 0}${text}`;
    text = text ? `[${call},0${text}]` : String(call);
    if (text.length > kMostAnswerBytes) {
      return this.answer(`[${call},"ERR_HOOK_RESULT_TOO_LARGE"]`);
    }
    return this.answer(text);
  }

  answer(text) {
    this.answers.push(text);
    this.answerBytes += text.length;
    if (this.answerBytes > kFlushBytes) this.flush();
    else this.schedule();
  }

  schedule() {
    if (this.flushes) return;
    this.flushes = true;
    setImmediate(() => this.flush());
  }

  flush() {
    this.flushes = false;
    if (this.answers.length === 0 && this.tally.isEmpty) return;
    const events = this.tally.isEmpty ? '' : this.tally.take();
    this.send(`{"r":[${this.answers.join(',')}]${events}}`);
    this.answers = [];
    this.answerBytes = 0;
  }

  // --- what goes wrong on the side
  complain(name, problem) {
    if (this.complained.has(name)) return;
    this.complained.add(name);
    process.stderr.write(`slsart: context.vars.${name} cannot be written as JSON ` +
      `(${String(problem?.message).split('\n')[0]}); templates see undefined\n`);
  }

  // An exception or rejection that belongs to no call.
  stray(error) {
    process.stderr.write(`slsart: an error outside of any hook: ${util.inspect(error)}\n`);
    this.tally.count('e', errorText(error), 1);
    this.schedule();
  }

  // Lines of console say which user's function wrote them.
  patchConsole() {
    const write = (...args) => {
      const text = util.format(...args);
      process.stderr.write(present ? `[user ${present.slsart.arrivalIndex}] ${text}\n` : `${text}\n`);
    };
    for (const name of ['log', 'info', 'debug', 'warn', 'error']) console[name] = write;
    console.trace = (...args) => write(new Error(util.format(...args)).stack);
  }
}

module.exports = { Session, toEntry };
