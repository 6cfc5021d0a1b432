#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "options.h"

namespace slsart::target {

struct FreeTlsContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using TlsContextPtr = std::unique_ptr<SSL_CTX, FreeTlsContext>;

// The server side of TLS as `options` ask: the files given, else a self-signed certificate made in
// memory. On failure null and a sentence in `error`.
TlsContextPtr make_tls_context(const Options& options, std::string& error);

}  // namespace slsart::target
