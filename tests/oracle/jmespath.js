// node jmespath.js < lines {"expression", "document"}
//   What npm's jmespath finds, as jmespath_samples prints it.
'use strict';
const jmespath = require('jmespath');

for (const line of require('fs').readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  const {expression, document} = JSON.parse(line);
  let answer;
  try {
    jmespath.compile(expression);
    try {
      answer = {result: jmespath.search(document, expression) ?? null};
    } catch (error) {
      // It finds unknown functions and wrong numbers of arguments only when it comes there.
      answer = /Unknown function|ArgumentError/.test(error.message) ? {wrong: true} : {failed: true};
    }
  } catch (error) {
    answer = {wrong: true};
  }
  console.log(JSON.stringify(answer));
}
