'use strict';

const kFolder = '/idp/interaction/';

// The authorization page leads to an interaction, whose number stands in the address after the redirects.
exports.readInteraction = (requestParams, response, context, events, next) => {
  const { pathname } = response.request.uri;
  if (!pathname.startsWith(kFolder)) {
    console.error(`no interaction at ${pathname}`);
    return next(new Error('no interaction'));
  }
  context.vars.interactionId = pathname.slice(kFolder.length);
  return next();
};

// The cookie of the interaction as the service expects it back, found in the jar by its path.
exports.cookieOf = (context, target) => {
  const paths = context._jar._jar.store.idx[new URL(target).hostname] ?? {};
  const path = Object.keys(paths).find((one) => one === kFolder + context.vars.interactionId);
  return path ? String(Object.values(paths[path])[0]).split(';')[0] : '';
};

exports.readUserCode = (requestParams, response, context, events, next) => {
  if (response.statusCode >= 300) return next(new Error(`no user code: ${response.statusCode}`));
  context.vars.userCode = response.body.userCode;
  return next();
};

exports.expectOk = (requestParams, response, context, events, next) => {
  events.emit('counter', `idp.answers.${response.statusCode}`, 1);
  return next(response.statusCode === 200 ? undefined : new Error(`refused: ${JSON.stringify(response)}`));
};
