'use strict';

// The same arrival has the same name in every test, so login finds whom sign-up has made.
exports.mailOf = (context) => `user-${context.slsart.arrivalIndex}@example.test`;
exports.passwordOf = (context) => `secret-${context.slsart.arrivalIndex}`;
