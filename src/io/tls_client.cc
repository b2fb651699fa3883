#include "io/tls_client.h"

#include <array>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/assert.h"
#include "net/ip_address.h"

namespace fabrix::io {
namespace {

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSession {
  void operator()(SSL* session) const { SSL_free(session); }
};
using Context = std::unique_ptr<SSL_CTX, FreeContext>;
using Session = std::unique_ptr<SSL, FreeSession>;

// The first of OpenSSL's queue, in its words.
std::string openssl_reason() {
  const auto code = ERR_get_error();
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(code)) return std::generic_category().message(ERR_GET_REASON(code));
  const char* const reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "TLS failed" : reason;
}

Result<Context> make_context(const std::string& ca_file) {
  Context context(SSL_CTX_new(TLS_client_method()));
  FABRIX_ASSERT(context != nullptr);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  // What it cannot read trusts nobody.
  SSL_CTX_set_default_verify_paths(context.get());
  ERR_clear_error();
  if (ca_file.empty() || SSL_CTX_load_verify_file(context.get(), ca_file.c_str()) == 1) {
    return context;
  }
  return fail(Error{fmt::format("certificates of {}: {}", ca_file, openssl_reason())});
}

// Who we are. A key that needs a passphrase is none: there is nobody to ask for it.
Result<void> take_identity(SSL_CTX* context, const std::string& file) {
  if (file.empty()) return {};
  SSL_CTX_set_default_passwd_cb(context, [](char*, int, int, void*) { return -1; });
  const bool is_taken = SSL_CTX_use_certificate_chain_file(context, file.c_str()) == 1 &&
                        SSL_CTX_use_PrivateKey_file(context, file.c_str(), SSL_FILETYPE_PEM) == 1 &&
                        SSL_CTX_check_private_key(context) == 1;
  if (is_taken) return {};
  return fail(Error{fmt::format("certificate and key of {}: {}", file, openssl_reason())});
}

// That the certificate is for this host; and the server is told which one is meant (RFC 6066 §3).
void expect_host(SSL* session, const std::string& host) {
  X509_VERIFY_PARAM* const checks = SSL_get0_param(session);
  if (net::IpAddress::parse(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(checks, host.c_str());
    return;
  }
  X509_VERIFY_PARAM_set_hostflags(checks, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  X509_VERIFY_PARAM_set1_host(checks, host.c_str(), host.size());
  // SSL_set_tlsext_host_name() is a macro with an old-style cast.
  std::string name = host;
  SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
}

int size_of(std::span<const std::byte> octets) {
  return static_cast<int>(octets.size());
}

}  // namespace

class TlsClient::Impl {
 public:
  Impl(Context context, const std::string& host)
      : context_(std::move(context)),
        session_(SSL_new(context_.get())),
        input_(BIO_new(BIO_s_mem())),
        output_(BIO_new(BIO_s_mem())) {
    SSL_set_bio(session_.get(), input_, output_);
    SSL_set_connect_state(session_.get());
    expect_host(session_.get(), host);
    // The first message is ours.
    SSL_do_handshake(session_.get());
    ERR_clear_error();
  }

  Result<void> receive(std::span<const std::byte> octets) {
    BIO_write(input_, octets.data(), size_of(octets));
    if (!is_established()) {
      if (auto met = check(SSL_do_handshake(session_.get())); !met) return met;
      if (!is_established()) return {};
      const Octets waiting = std::exchange(waiting_, {});
      if (auto sent = send(waiting); !sent) return sent;
    }
    return read();
  }

  Result<void> send(std::span<const std::byte> plain) {
    if (!is_established()) {
      waiting_.insert(waiting_.end(), plain.begin(), plain.end());
      return {};
    }
    // A BIO in memory takes all of it.
    if (plain.empty()) return {};
    return check(SSL_write(session_.get(), plain.data(), size_of(plain)));
  }

  Octets take_output() {
    Octets octets(BIO_ctrl_pending(output_));
    if (!octets.empty()) BIO_read(output_, octets.data(), size_of(octets));
    return octets;
  }

  Octets take_plain() { return std::exchange(plain_, {}); }
  bool is_established() const { return SSL_is_init_finished(session_.get()) != 0; }
  bool is_closed() const { return (SSL_get_shutdown(session_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }

 private:
  Result<void> read() {
    std::array<std::byte, 16'384> buffer{};
    for (;;) {
      const int count = SSL_read(session_.get(), buffer.data(), size_of(buffer));
      if (count <= 0) return check(count);
      plain_.insert(plain_.end(), buffer.begin(), buffer.begin() + count);
    }
  }

  Result<void> check(int result) {
    if (result > 0) return {};
    const int error = SSL_get_error(session_.get(), result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_ZERO_RETURN) return {};
    const long verified = SSL_get_verify_result(session_.get());
    const std::string reason = openssl_reason();
    if (verified == X509_V_OK) return fail(Error{"TLS: " + reason});
    return fail(Error{
        fmt::format("the server's certificate: {}", X509_verify_cert_error_string(verified))});
  }

  Context context_;
  Session session_;
  BIO* input_;  // the session's
  BIO* output_;
  Octets waiting_;  // to be sent, until the peer is known
  Octets plain_;
};

TlsClient::TlsClient(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsClient::TlsClient(TlsClient&&) noexcept = default;
TlsClient& TlsClient::operator=(TlsClient&&) noexcept = default;
TlsClient::~TlsClient() = default;

Result<TlsClient> TlsClient::create(const TlsOptions& options) {
  FABRIX_TRY(Context context, make_context(options.ca_file));
  if (auto known = take_identity(context.get(), options.identity_file); !known) {
    return fail(std::move(known).error());
  }
  return TlsClient(std::make_unique<Impl>(std::move(context), options.host));
}

Result<void> TlsClient::receive(std::span<const std::byte> octets) {
  return impl_->receive(octets);
}

Result<void> TlsClient::send(std::span<const std::byte> plain) {
  return impl_->send(plain);
}

TlsClient::Octets TlsClient::take_output() {
  return impl_->take_output();
}

TlsClient::Octets TlsClient::take_plain() {
  return impl_->take_plain();
}

bool TlsClient::is_established() const {
  return impl_->is_established();
}

bool TlsClient::is_closed() const {
  return impl_->is_closed();
}

}  // namespace fabrix::io
