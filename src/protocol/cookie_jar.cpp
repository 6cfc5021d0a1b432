#include "protocol/cookie_jar.h"
