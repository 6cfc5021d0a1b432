'use strict';

const { mailOf, passwordOf } = require('./helpers/users');
const { readInteraction, readUserCode, expectOk, cookieOf } = require('./helpers/interaction');

function newUser(requestParams, context, events, next) {
  requestParams.json = { mail: mailOf(context), company: context.vars.company };
  return next();
}

function setPassword(requestParams, context, events, next) {
  const { target, userCode, interactionId } = context.vars;
  requestParams.url = `${target}/idp/interaction/${interactionId}/password`;
  requestParams.headers['X-Interaction'] = cookieOf(context, target);
  requestParams.form = { code: userCode, password: passwordOf(context) };
  return next();
}

module.exports = { newUser, setPassword, readInteraction, readUserCode, expectOk };
