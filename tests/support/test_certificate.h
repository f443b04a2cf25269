// A self-signed certificate for one host name, made when a test needs it: so the repository
// contains no key, and no certificate expires.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace usher::test {

struct TestCertificate {
  std::string certificate_pem;
  std::string key_pem;
};

// `alternative_name` has OpenSSL's form: "DNS:gw.example" or "IP:127.0.0.1". The certificate is
// valid from `from_s` to `until_s`, in seconds from now.
inline TestCertificate make_test_certificate(const std::string& alternative_name,
                                             long from_s = -3600, long until_s = 3600) {
  const auto check = [](bool ok) {
    if (!ok) throw std::runtime_error("OpenSSL could not make a certificate");
  };
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
  check(key && certificate);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), until_s);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  check(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>("usher test"), -1, -1,
                                   0) == 1);
  X509_set_issuer_name(certificate.get(), name);
  X509_set_pubkey(certificate.get(), key.get());
  const std::pair<int, std::string> extensions[] = {{NID_basic_constraints, "critical,CA:TRUE"},
                                                    {NID_subject_alt_name, alternative_name}};
  for (const auto& [kind, value] : extensions) {
    const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
        X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()), X509_EXTENSION_free);
    check(extension && X509_add_ext(certificate.get(), extension.get(), -1) == 1);
  }
  check(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);

  const auto text = [&](auto write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    check(write(out.get()) == 1);
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return std::string(data, static_cast<std::size_t>(size));
  };
  return {text([&](BIO* out) { return PEM_write_bio_X509(out, certificate.get()); }),
          text([&](BIO* out) {
            return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

}  // namespace usher::test
