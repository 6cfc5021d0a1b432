'use strict';

// context.vars of a user and what the engine knows of it. Only names that the script mentions
// matter to the engine; all others stay here.

// A value that is no primitive, as it was last told to the engine.
class Told {
  constructor(text) {
    this.text = text;
  }
}

// JSON of a value as templates are to see it; undefined when there is none (a function, a symbol,
// undefined itself). Throws for cyclic values.
function toJson(value) {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'number':
      return Number.isFinite(value) ? String(value) : `"${value}"`;
    case 'bigint':
      return `"${value}"`;
    case 'boolean':
      return value ? 'true' : 'false';
    default:
      return JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? String(part) : part));
  }
}

class Variables {
  // names: variable names by number; shared: values all users see.
  constructor(names, shared) {
    this.names = names;
    this.numbers = new Map(names.map((name, number) => [name, number]));
    this.shared = shared;
  }

  // {vars, told} of a new user. The shared values are the same objects for all users, as in the
  // reference; a change inside of one is not noticed.
  make() {
    return { vars: { ...this.shared }, told: { ...this.shared } };
  }

  // What the engine changed: [number, value, number, value...]; a number below 0 is -1 - number of
  // a variable that became undefined.
  apply(user, changes) {
    const { vars, told } = user;
    for (let i = 0; i < changes.length; i += 2) {
      const number = changes[i];
      if (number < 0) {
        const name = this.names[-1 - number];
        vars[name] = undefined;
        told[name] = undefined;
      } else {
        const name = this.names[number];
        const value = changes[i + 1];
        vars[name] = value;
        told[name] = typeof value === 'object' && value !== null ? new Told(toJson(value)) : value;
      }
    }
  }

  // The same list the other way, as JSON text of its elements; '' when nothing changed. `complain`
  // hears the name of each variable that cannot be told.
  changes(user, complain) {
    const { vars, told } = user;
    let text = '';
    for (const name in vars) {
      const value = vars[name];
      const known = told[name];
      if (value === known || (value !== value && known !== known)) continue;
      const number = this.numbers.get(name);
      if (number === undefined) continue;
      let json;
      try {
        json = toJson(value);
      } catch (error) {
        complain(name, error);
      }
      if (typeof value === 'object' && value !== null) {
        if (known instanceof Told && known.text === json) continue;
        told[name] = new Told(json);
      } else {
        if (json === undefined && known === undefined && name in told) continue;
        told[name] = value;
      }
      text += json === undefined ? `${text && ','}${-1 - number},0` : `${text && ','}${number},${json}`;
    }
    for (const name in told) {
      if (name in vars) continue;
      delete told[name];
      const number = this.numbers.get(name);
      if (number !== undefined) text += `${text && ','}${-1 - number},0`;
    }
    return text;
  }

  // Everything the engine has no name for, as JSON of an object; values that have no JSON are left
  // out. For flows that run once and hand their variables on.
  others(user) {
    const parts = [];
    for (const name of Object.keys(user.vars)) {
      if (this.numbers.has(name)) continue;
      let json;
      try {
        json = toJson(user.vars[name]);
      } catch {
        // cannot be handed on
      }
      if (json !== undefined) parts.push(`${JSON.stringify(name)}:${json}`);
    }
    return `{${parts.join(',')}}`;
  }
}

module.exports = { Variables, toJson };
