#include "net/tls_context.h"

#include <openssl/ssl.h>

namespace slsart::net {
core::Result<std::unique_ptr<TlsContext>> TlsContext::make(TlsOptions options) {
  std::unique_ptr<TlsContext> context(new TlsContext);
  context->options_ = std::move(options);
  return context;
}
TlsContext::~TlsContext() = default;
ssl_ctx_st* TlsContext::native() {
  return context_;
}
}  // namespace slsart::net
