// An authority of certificates that openssl makes in a folder, and TLS servers that are not ours.
#pragma once

#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "io/child_process.h"
#include "io/command.h"
#include "io/event_loop.h"
#include "tests/io/world.h"

namespace fabrix::io::testing {

struct Certificate {
  std::string file;  // PEM
  std::string key;
};

// Both in one file, as clients have them.
inline std::string in_one_file(const Certificate& certificate) {
  std::string both = certificate.file + ".both";
  std::ofstream(both) << std::ifstream(certificate.file).rdbuf()
                      << std::ifstream(certificate.key).rdbuf();
  return both;
}

class Authority {
 public:
  explicit Authority(const std::string& name)
      : folder_(::testing::TempDir() + "fxt-" + name + "-" + std::to_string(::getpid())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    make({"-keyout", own_.key, "-out", own_.file, "-subj", "/CN=" + name});
  }
  ~Authority() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;
  Authority(Authority&&) = delete;
  Authority& operator=(Authority&&) = delete;

  const std::string& folder() const { return folder_; }
  const std::string& file() const { return own_.file; }

  // For these names: "DNS:localhost,IP:127.0.0.1".
  Certificate issue(const std::string& names) {
    const std::string stem = folder_ + "/" + std::to_string(++issued_);
    Certificate made{.file = stem + ".pem", .key = stem + ".key"};
    make({"-CA", own_.file, "-CAkey", own_.key, "-keyout", made.key, "-out", made.file, "-subj",
          "/CN=fxt", "-addext", "subjectAltName=" + names, "-addext",
          "basicConstraints=critical,CA:FALSE"});
    return made;
  }

 private:
  static void make(std::vector<std::string> options) {
    options.insert(options.begin(), {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                     "ec_paramgen_curve:P-256", "-nodes", "-days", "2"});
    const auto made = run_checked({.process = {.argv = options}, .timeout = kPatience});
    ASSERT_TRUE(made) << made.error().message;
  }

  std::string folder_;
  Certificate own_{.file = folder_ + "/ca.pem", .key = folder_ + "/ca.key"};
  int issued_ = 0;
};

// `openssl s_server`: what it hears it says backwards, line by line (-rev); with -WWW it serves
// the files of the certificate's folder.
class TlsServer {
 public:
  TlsServer(EventLoop& loop, const Certificate& certificate,
            const std::vector<std::string>& options = {"-rev"}) {
    std::vector<std::string> argv{"openssl", "s_server",       "-accept", "127.0.0.1:0",
                                  "-cert",   certificate.file, "-key",    certificate.key};
    argv.insert(argv.end(), options.begin(), options.end());
    auto started = ChildProcess::start(
        loop,
        {.process = {.argv = argv,
                     .working_directory =
                         std::filesystem::path(certificate.file).parent_path().string(),
                     .parent_death = ParentDeath::kKill},
         .out =
             [this](std::span<const std::byte> octets) {
               for (const std::byte octet : octets) said_ += static_cast<char>(octet);
             },
         .err = {}},
        [](const ExitStatus&) {});
    EXPECT_TRUE(started);
    child_.emplace(*std::move(started));
    EXPECT_TRUE(loop.run_until([this] { return read_port(); }, kPatience)) << said_;
  }

  std::uint16_t port() const { return port_; }

 private:
  // "ACCEPT 127.0.0.1:43211\n"
  bool read_port() {
    const auto at = said_.find("ACCEPT 127.0.0.1:");
    const auto end = said_.find('\n', std::min(at, said_.size()));
    if (end == std::string::npos) return false;
    const char* const begin = said_.data() + at + 17;
    return std::from_chars(begin, said_.data() + end, port_).ec == std::errc{};
  }

  std::string said_;
  std::uint16_t port_ = 0;
  std::optional<ChildProcess> child_;
};

}  // namespace fabrix::io::testing
