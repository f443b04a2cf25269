// A certificate with its chain and its private key, read from two PEM files. The gateway presents
// one to clients, and one to Redis.
//
// The error for an unusable file is one sentence: the file, its actual content, and the remedy.
// There is never a prompt for a passphrase: a service that waits at a terminal handles no signal.
//
// Threads: immutable, shared freely.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/wall_clock.h"

namespace usher {

// The operator's fault. what() is one sentence and contains no secret.
class CertificateError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A file that a configuration key names. The views need to live only during the call.
struct PemFile {
  std::string_view key;   // "tls.key_file"
  std::string_view path;  // as configured
  std::string_view text;  // its content
};

class Certificate {
 public:
  // Requires: `certificate` holds the certificates, leaf first; `key` holds the leaf's private key,
  // unencrypted. Throws CertificateError.
  Certificate(const PemFile& certificate, const PemFile& key);

  X509* leaf() const { return certificates_.front().get(); }
  EVP_PKEY* key() const { return key_.get(); }

  // Returns the certificates after the leaf, in the order of the file. They are borrowed and valid
  // as long as this object lives.
  struct FreeStack {
    void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
  };
  std::unique_ptr<STACK_OF(X509), FreeStack> chain() const;

  // Returns warnings, one sentence each: the certificate has expired at `now`, is not valid yet, or
  // its chain is out of order. It can be used, but not for long or not for every client.
  std::vector<std::string> concerns(WallTime now) const;

 private:
  struct FreeCertificate {
    void operator()(X509* certificate) const { X509_free(certificate); }
  };
  struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };

  void read_certificates(const PemFile& file);
  void read_key(const PemFile& file);
  void check_pair(const PemFile& certificate, const PemFile& key) const;

  std::string certificate_name_;  // "tls.certificate_file: '/etc/usher/tls.crt'"
  std::vector<std::unique_ptr<X509, FreeCertificate>> certificates_;
  std::unique_ptr<EVP_PKEY, FreeKey> key_;
};

// Returns the text of OpenSSL's last error, and empties its error queue.
std::string openssl_complaint();

// After this call OpenSSL never prompts at a terminal, whichever code of the process reads a key.
void forbid_passphrase_prompts();

}  // namespace usher
