// A certificate with its chain and its private key, out of two PEM files, for whoever shows one:
// the gateway's own door, and the gateway to Redis.
//
// What can't be used is said in one sentence: which file, what it holds instead, and what to do.
// Nobody is ever asked for a passphrase: a service that waits at a terminal hears no signal.
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

// The operator's fault; what() is one sentence, without a secret.
class CertificateError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A file that a configuration key names. Views must live during the call only.
struct PemFile {
  std::string_view key;   // "tls.key_file"
  std::string_view path;  // as configured
  std::string_view text;  // its content
};

class Certificate {
 public:
  // Certificates leaf first, and the leaf's private key, unencrypted. Throws CertificateError.
  Certificate(const PemFile& certificate, const PemFile& key);

  X509* leaf() const { return certificates_.front().get(); }
  EVP_PKEY* key() const { return key_.get(); }

  // What stands behind the leaf, as the file has it; borrowed, good while this is.
  struct FreeStack {
    void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
  };
  std::unique_ptr<STACK_OF(X509), FreeStack> chain() const;

  // What works, but not for long or not for every client: expired at `now`, not yet valid, a chain
  // out of order. A sentence each.
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

// OpenSSL's last complaint in its own words, and its queue of errors emptied.
std::string openssl_complaint();

// From here on OpenSSL never asks at a terminal, whatever reads a key in this process.
void forbid_passphrase_prompts();

}  // namespace usher
