'use strict';

const { mailOf } = require('./helpers/users');
const { readUserCode, readInteraction, expectOk } = require('./helpers/interaction');
const { setPassword } = require('./sign-up.processor');

function forget(requestParams, context, events, next) {
  requestParams.json = { mail: mailOf(context) };
  return next();
}

module.exports = { forget, setPassword, readUserCode, readInteraction, expectOk };
