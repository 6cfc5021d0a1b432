#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <thread>

#include "net/detail/transport_probe.h"
#include "net/transport.h"

namespace slsart::net {
namespace {

// -- certificates made on the spot

struct Identity {
  EVP_PKEY* key = nullptr;
  X509* certificate = nullptr;
  ~Identity() {
    EVP_PKEY_free(key);
    X509_free(certificate);
  }
};

struct CertificateSpec {
  std::string name = "localhost";  // common name and, with `alternatives` empty, DNS name
  std::string alternatives;        // "IP:127.0.0.1"
  bool is_ca = false;
  int days_from = -1;
  int days_to = 1;
};

void extend(X509* certificate, int id, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str());
  ASSERT_NE(extension, nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// Without an issuer the certificate signs itself.
void make_identity(Identity& identity, const CertificateSpec& spec, const Identity* issuer) {
  static int serial = 1;
  identity.key = EVP_EC_gen("P-256");
  X509* certificate = identity.certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate), spec.days_from * 86400L);
  X509_gmtime_adj(X509_getm_notAfter(certificate), spec.days_to * 86400L);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(spec.name.c_str()), -1, -1, 0);
  const Identity& by = issuer == nullptr ? identity : *issuer;
  X509_set_issuer_name(certificate, X509_get_subject_name(by.certificate));
  X509_set_pubkey(certificate, identity.key);
  extend(certificate, NID_basic_constraints, spec.is_ca ? "critical,CA:TRUE" : "CA:FALSE");
  const std::string names = spec.alternatives.empty() ? "DNS:" + spec.name : spec.alternatives;
  extend(certificate, NID_subject_alt_name, names);
  X509_sign(certificate, by.key, EVP_sha256());
}

template <typename Write>
std::string to_pem(Write write) {
  BIO* bio = BIO_new(BIO_s_mem());
  write(bio);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}
std::string certificate_pem(const Identity& identity) {
  return to_pem([&](BIO* bio) { PEM_write_bio_X509(bio, identity.certificate); });
}
std::string key_pem(const Identity& identity, const char* passphrase = nullptr) {
  return to_pem([&](BIO* bio) {
    PEM_write_bio_PrivateKey(bio, identity.key, passphrase ? EVP_aes_128_cbc() : nullptr, nullptr,
                             0, nullptr, const_cast<char*>(passphrase));
  });
}
std::string to_pkcs12(const Identity& identity, const char* passphrase) {
  PKCS12* store =
      PKCS12_create(passphrase, "", identity.key, identity.certificate, nullptr, 0, 0, 0, 0, 0);
  const std::string bytes = to_pem([&](BIO* bio) { i2d_PKCS12_bio(bio, store); });
  PKCS12_free(store);
  return bytes;
}

// -- a server that answers one connection: everything it reads up to a full stop comes back

struct ServerOptions {
  const Identity* identity = nullptr;
  const Identity* client_ca = nullptr;
  bool says_farewell = true;
  int most_version = 0;
};

class TlsServer {
 public:
  explicit TlsServer(ServerOptions options) : options_(options), thread_([this] { serve(); }) {}
  ~TlsServer() { join(); }
  void join() {
    if (thread_.joinable()) thread_.join();
  }
  SocketAddress address() const { return listener_.address(); }
  std::string server_name;  // what the client asked for
  std::string protocol;     // negotiated by ALPN
  bool got_farewell = false;
  std::atomic<bool> has_answered = false;

 private:
  static int choose(SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in,
                    unsigned in_size, void*) {
    if (in_size == 0) return SSL_TLSEXT_ERR_NOACK;
    *size = in[0];
    *out = in + 1;
    return SSL_TLSEXT_ERR_OK;
  }
  void serve() {
    // OpenSSL's socket BIO raises it here when the client has gone; the client's side must do
    // without.
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(context, options_.identity->certificate);
    SSL_CTX_use_PrivateKey(context, options_.identity->key);
    SSL_CTX_set_alpn_select_cb(context, choose, nullptr);
    if (options_.most_version != 0) SSL_CTX_set_max_proto_version(context, options_.most_version);
    if (options_.client_ca != nullptr) {
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context), options_.client_ca->certificate);
      SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
    const int fd = listener_.accept_one();
    SSL* ssl = SSL_new(context);
    SSL_set_fd(ssl, fd);
    if (SSL_accept(ssl) == 1) echo(ssl);
    SSL_free(ssl);
    close(fd);
    SSL_CTX_free(context);
  }
  void echo(SSL* ssl) {
    const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    if (name != nullptr) server_name = name;
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl, &chosen, &size);
    protocol.assign(reinterpret_cast<const char*>(chosen), size);
    std::string all;
    char buffer[16384];
    while (!all.ends_with('.')) {
      const int got = SSL_read(ssl, buffer, sizeof buffer);
      if (got <= 0) {
        got_farewell = SSL_get_error(ssl, got) == SSL_ERROR_ZERO_RETURN;
        return;
      }
      all.append(buffer, static_cast<std::size_t>(got));
    }
    SSL_write(ssl, all.data(), static_cast<int>(all.size()));
    has_answered = true;
    if (options_.says_farewell) SSL_shutdown(ssl);
  }

  Listener listener_;
  ServerOptions options_;
  std::thread thread_;
};

class TlsTransportTest : public testing::Test {
 protected:
  void SetUp() override {
    make_identity(ca, {.name = "Test CA", .is_ca = true}, nullptr);
    options.ca = certificate_pem(ca);
  }
  // One echo; `text` ends with a full stop.
  void run(TlsServer& server, std::string_view host, std::string_view text = "hello.") {
    auto made = TlsContext::make(options);
    ASSERT_TRUE(made) << made.error().message;
    context = *std::move(made);
    transport = make_tls_transport(*loop, *context);
    probe.to_write = text;
    probe.open(*transport, {server.address()}, host);
    probe.run_until_closed(*loop);
    server.join();
  }

  Identity ca;
  TlsOptions options;
  std::unique_ptr<Loop> loop = std::move(Loop::make()).value();
  std::unique_ptr<TlsContext> context;
  std::unique_ptr<Transport> transport;
  TransportProbe probe;
};

TEST_F(TlsTransportTest, CarriesBytesUnderACheckedCertificate) {
  Identity identity;
  make_identity(identity, {}, &ca);
  for (const int version : {0, TLS1_2_VERSION}) {
    for (const bool farewell : {true, false}) {
      probe = TransportProbe();
      TlsServer server({.identity = &identity, .says_farewell = farewell, .most_version = version});
      run(server, "localhost.");
      EXPECT_EQ(probe.received, "hello.");
      EXPECT_FALSE(*probe.closed) << "an end without close_notify is an end";
      EXPECT_EQ(server.server_name, "localhost");
      EXPECT_EQ(server.protocol, "http/1.1");
      EXPECT_GT(probe.times.tls, core::Duration{});
    }
  }
}

TEST_F(TlsTransportTest, CarriesMoreThanAllBuffers) {
  Identity identity;
  make_identity(identity, {}, &ca);
  TlsServer server({.identity = &identity});
  std::string large(8u << 20, 'x');
  large += '.';
  run(server, "localhost", large);
  EXPECT_TRUE(probe.received == large);
}

// As of TCP: the records have the time of the bytes they came in.
TEST_F(TlsTransportTest, BytesThatLayInTheSocketHaveTheTimeOfTheirArrival) {
  if (!kernel_stamps_arrivals()) GTEST_SKIP() << "no time stamps from this kernel";
  Identity identity;
  make_identity(identity, {}, &ca);
  TlsServer server({.identity = &identity});
  context = std::move(TlsContext::make(options)).value();
  transport = make_tls_transport(*loop, *context);
  probe.open(*transport, {server.address()}, "localhost");
  while (!probe.is_open && !probe.closed) loop->run_once(core::TimePoint::max());
  const auto late = LateRead::of(*loop, [&] {
    transport->write("hello.", "");
    while (!server.has_answered) usleep(200);
  });
  probe.run_until_closed(*loop);
  server.join();
  EXPECT_EQ(probe.received, "hello.");
  late.expect_is_of_arrival(probe.arrived);
}

TEST_F(TlsTransportTest, LiteralAddressIsCheckedAndNotSent) {
  Identity identity;
  make_identity(identity, {.alternatives = "IP:127.0.0.1"}, &ca);
  TlsServer server({.identity = &identity});
  run(server, "127.0.0.1");
  EXPECT_EQ(probe.received, "hello.");
  EXPECT_EQ(server.server_name, "");
}

struct RefusalCase {
  const char* name;
  CertificateSpec spec;
  bool signs_itself;
  const char* host;
  int code;
};

TEST_F(TlsTransportTest, RefusesCertificatesWithTheReason) {
  const RefusalCase cases[] = {
      {"self-signed", {}, true, "localhost", X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT},
      {"expired",
       {.days_from = -9, .days_to = -2},
       false,
       "localhost",
       X509_V_ERR_CERT_HAS_EXPIRED},
      {"not yet",
       {.days_from = 2, .days_to = 9},
       false,
       "localhost",
       X509_V_ERR_CERT_NOT_YET_VALID},
      {"wrong host", {.name = "other.example"}, false, "localhost", X509_V_ERR_HOSTNAME_MISMATCH},
      {"wrong address", {}, false, "127.0.0.1", X509_V_ERR_IP_ADDRESS_MISMATCH},
      {"partial wildcard",
       {.name = "loc*.example"},
       false,
       "local.example",
       X509_V_ERR_HOSTNAME_MISMATCH},
  };
  for (const RefusalCase& c : cases) {
    SCOPED_TRACE(c.name);
    probe = TransportProbe();
    Identity identity;
    make_identity(identity, c.spec, c.signs_itself ? nullptr : &ca);
    TlsServer server({.identity = &identity});
    run(server, c.host);
    EXPECT_EQ(*probe.closed, (Failure{FailureDomain::kTls, c.code}));
    EXPECT_FALSE(probe.is_open);
  }
}

TEST_F(TlsTransportTest, AcceptsAnythingWhenToldNotToVerify) {
  options.verify_peer = false;
  options.ca.clear();
  Identity identity;
  make_identity(identity, {.name = "other.example"}, nullptr);
  TlsServer server({.identity = &identity});
  run(server, "localhost");
  EXPECT_EQ(probe.received, "hello.");
}

TEST_F(TlsTransportTest, ServerNameOverridesTheHost) {
  options.server_name = "other.example";
  Identity identity;
  make_identity(identity, {.name = "other.example"}, &ca);
  TlsServer server({.identity = &identity});
  run(server, "127.0.0.1");
  EXPECT_EQ(probe.received, "hello.");
  EXPECT_EQ(server.server_name, "other.example");
}

TEST_F(TlsTransportTest, ShowsTheClientsCertificate) {
  Identity identity;
  make_identity(identity, {}, &ca);
  Identity client;
  make_identity(client, {.name = "client"}, &ca);
  const TlsOptions base = options;
  TlsOptions plain = base;
  plain.certificate = certificate_pem(client);
  plain.key = key_pem(client);
  TlsOptions locked = plain;
  locked.key = key_pem(client, "secret");
  locked.passphrase = "secret";
  TlsOptions store = base;
  store.pkcs12 = to_pkcs12(client, "secret");
  store.passphrase = "secret";
  for (const TlsOptions& given : {plain, locked, store}) {
    options = given;
    probe = TransportProbe();
    TlsServer server({.identity = &identity, .client_ca = &ca});
    run(server, "localhost");
    EXPECT_EQ(probe.received, "hello.");
  }
  options = base;
  probe = TransportProbe();
  TlsServer server({.identity = &identity, .client_ca = &ca});
  run(server, "localhost");
  // The alert of TLS 1.3 comes after the handshake; a reset may overtake it.
  EXPECT_TRUE(*probe.closed == (Failure{FailureDomain::kTls, 0}) ||
              *probe.closed == (Failure{FailureDomain::kSystem, ECONNRESET}));
  EXPECT_EQ(probe.received, "");
}

TEST_F(TlsTransportTest, PeerThatHangsUpInTheHandshakeIsAReset) {
  Listener listener;
  std::thread server([&] { close(listener.accept_one()); });
  context = *TlsContext::make(options);
  transport = make_tls_transport(*loop, *context);
  probe.open(*transport, {listener.address()}, "localhost");
  probe.run_until_closed(*loop);
  server.join();
  EXPECT_EQ(*probe.closed, (Failure{FailureDomain::kSystem, ECONNRESET}));
}

TEST_F(TlsTransportTest, PeerThatDoesNotSpeakTlsIsATlsFailure) {
  Listener listener;
  std::thread server([&] {
    const int fd = listener.accept_one();
    char hello[64];
    EXPECT_GT(recv(fd, hello, sizeof hello, 0), 0);
    EXPECT_GT(send(fd, "HTTP/1.1 400 Bad Request\r\n\r\n", 28, 0), 0);
    shutdown(fd, SHUT_WR);
    while (recv(fd, hello, sizeof hello, 0) > 0) {
    }
    close(fd);
  });
  context = *TlsContext::make(options);
  transport = make_tls_transport(*loop, *context);
  probe.open(*transport, {listener.address()}, "localhost");
  probe.run_until_closed(*loop);
  server.join();
  EXPECT_EQ(*probe.closed, (Failure{FailureDomain::kTls, 0}));
}

TEST_F(TlsTransportTest, ClosingSaysFarewell) {
  Identity identity;
  make_identity(identity, {}, &ca);
  TlsServer server({.identity = &identity});
  context = *TlsContext::make(options);
  transport = make_tls_transport(*loop, *context);
  probe.open(*transport, {server.address()}, "localhost");
  while (!probe.is_open && !probe.closed) loop->run_once(core::TimePoint::max());
  transport->close();
  server.join();
  EXPECT_TRUE(server.got_farewell);
}

TEST_F(TlsTransportTest, UnusableOptionsAreRefused) {
  Identity one;
  Identity two;
  make_identity(one, {}, &ca);
  make_identity(two, {}, &ca);
  const TlsOptions cases[] = {
      {.ca = "nonsense"},
      {.certificate = "nonsense", .key = key_pem(one)},
      {.certificate = certificate_pem(one), .key = "nonsense"},
      {.certificate = certificate_pem(one), .key = key_pem(two)},
      {.certificate = certificate_pem(one), .key = key_pem(one, "secret")},
      {.pkcs12 = "nonsense"},
      {.pkcs12 = to_pkcs12(one, "secret"), .passphrase = "wrong"},
  };
  for (const TlsOptions& bad : cases) {
    const auto made = TlsContext::make(bad);
    ASSERT_FALSE(made);
    EXPECT_FALSE(made.error().message.empty());
  }
}

TEST(TlsContext, BundleOfSslCertFileWinsAndIsReadLate) {
  ASSERT_EQ(setenv("SSL_CERT_FILE", "/nowhere/bundle.pem", 1), 0);
  const auto context = TlsContext::make({});
  ASSERT_TRUE(context) << "nothing is read before it is needed";
  const auto prepared = (*context)->prepare();
  ASSERT_FALSE(prepared);
  EXPECT_NE(prepared.error().message.find("/nowhere/bundle.pem"), std::string::npos);
  EXPECT_FALSE((*context)->prepare()) << "and stays so";
  EXPECT_NE((*context)->native(), nullptr);
  unsetenv("SSL_CERT_FILE");
}

}  // namespace
}  // namespace slsart::net
