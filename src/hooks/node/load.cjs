'use strict';

// Loads a processor file: CommonJS, an ES module, or TypeScript where this Node reads it by itself.

const fs = require('fs');
const path = require('path');
const { createRequire } = require('module');
const { pathToFileURL } = require('url');

const kModule = /\.(mjs|mts)$/;
const kTypeScript = /\.(ts|mts|cts)$/;

function packageType(file) {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    try {
      return JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).type;
    } catch {
      // none here
    }
    if (folder === path.dirname(folder)) return undefined;
  }
}

function isModule(file) {
  return kModule.test(file) || (/\.(js|ts)$/.test(file) && packageType(file) === 'module');
}

// Every function a processor offers by name: its exports and those of its default export.
function functionsOf(exported) {
  const found = new Map();
  const add = (object) => {
    if (object === null || (typeof object !== 'object' && typeof object !== 'function')) return;
    for (const name in object) {
      if (typeof object[name] === 'function') found.set(name, object[name]);
    }
    for (const name of Object.getOwnPropertyNames(object)) {
      if (['length', 'name', 'prototype', 'arguments', 'caller'].includes(name)) continue;
      if (typeof object[name] === 'function') found.set(name, object[name]);
    }
  };
  add(exported?.default);
  add(exported);
  return found;
}

async function load(file) {
  if (kTypeScript.test(file) && !process.features.typescript) {
    throw new Error(`TypeScript needs Node 22.18 or newer, this is ${process.version}; ` +
      'compile the processor to JavaScript');
  }
  if (isModule(file)) return functionsOf(await import(pathToFileURL(file).href));
  const own = createRequire(file);
  const exported = own(file);
  return functionsOf(exported instanceof Promise ? await exported : exported);
}

// {message, file, line, column} of what stopped the processor from loading; line 0: not known.
function describe(error, file) {
  const stack = String(error?.stack ?? '');
  const message = error instanceof Error || error?.message
    ? `${error.name ?? 'Error'}: ${String(error.message).split('\nRequire stack:')[0]}` : String(error);
  const head = /^(\/[^\n]*?):(\d+)\n/.exec(stack);
  if (head) {
    const marks = /^[^\n]*\n[^\n]*\n( *)\^/.exec(stack);
    return { message, file: head[1], line: Number(head[2]), column: marks ? marks[1].length + 1 : 0 };
  }
  for (const [, , place, line, column] of
    stack.matchAll(/at (.*?\()?((?:file:\/\/)?\/[^\n]*?):(\d+):(\d+)\)?/g)) {
    const plain = place.replace('file://', '');
    if (plain.startsWith('/slsart/') || plain.includes('/node_modules/')) continue;
    return { message, file: plain, line: Number(line), column: Number(column) };
  }
  return { message, file, line: 0, column: 0 };
}

module.exports = { load, describe, functionsOf };
