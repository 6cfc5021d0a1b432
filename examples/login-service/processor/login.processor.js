'use strict';

const { mailOf, passwordOf } = require('./helpers/users');
const { readInteraction, expectOk, cookieOf } = require('./helpers/interaction');

function logIn(requestParams, context, events, next) {
  requestParams.headers['X-Interaction'] = cookieOf(context, context.vars.target);
  requestParams.form = { mail: mailOf(context), password: passwordOf(context) };
  return next();
}

module.exports = { logIn, readInteraction, expectOk };
