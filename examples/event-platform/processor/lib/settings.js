'use strict';

// Read when the processor is loaded: a wrong setting is noticed before the load, not in it.
const eventId = process.env.EVENT_ID ?? '7';
if (eventId === 'production') throw new Error('EVENT_ID: not against the real event');

module.exports = { eventId, secret: process.env.TOKEN_SECRET ?? 'practice' };
