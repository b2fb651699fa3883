#include "analyzer/reverse_resolver.h"

#include <utility>

#include <ares.h>
#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include "io/dns_channel.h"

namespace fabrix::analyzer {
namespace {

constexpr int kInternet = 1;  // class
constexpr int kPointer = 12;  // type

int family_of(const net::IpAddress& address) {
  return address.family() == net::Family::kIpv4 ? AF_INET : AF_INET6;
}

// None: it says nothing that can be read.
std::optional<std::string> name_in(const unsigned char* answer, int length,
                                   const net::IpAddress& address) {
  hostent* host = nullptr;
  const auto octets = address.octets();
  const int wrong = ares_parse_ptr_reply(
      answer, length, octets.data(), static_cast<int>(octets.size()), family_of(address), &host);
  if (wrong != ARES_SUCCESS || host == nullptr) return std::nullopt;
  std::string name = host->h_name != nullptr ? host->h_name : "";
  ares_free_hostent(host);
  return name.empty() ? std::nullopt : std::optional(std::move(name));
}

}  // namespace

class ReverseResolver::Impl {
 public:
  explicit Impl(Answered answered) : answered_(std::move(answered)) {}

  Result<void> open(io::EventLoop& loop, const std::string& servers) {
    FABRIX_TRY(channel_,
               io::DnsChannel::open(loop, servers, {.timeout = kTimeout, .tries = kTries}));
    return {};
  }

  std::size_t pending() const { return pending_; }

  void ask(const net::IpAddress& address) {
    ++pending_;
    auto question = std::make_unique<Question>(Question{this, address});
    ares_query(channel_->get(), reverse_name(address).c_str(), kInternet, kPointer, answered,
               question.release());
    channel_->asked();
  }

 private:
  struct Question {
    Impl* impl;
    net::IpAddress address;
  };

  // ares_callback; the question is ours again.
  static void answered(void* asked, int status, int /*timeouts*/, unsigned char* answer,
                       int length) {
    const std::unique_ptr<Question> question(static_cast<Question*>(asked));
    Impl& impl = *question->impl;
    --impl.pending_;
    if (status == ARES_EDESTRUCTION) return;
    const bool has_none = status == ARES_ENOTFOUND || status == ARES_ENODATA;
    const auto name =
        status == ARES_SUCCESS ? name_in(answer, length, question->address) : std::nullopt;
    const Outcome other = has_none ? Outcome::kNone : Outcome::kFailed;
    impl.answered_(question->address, name ? Outcome::kName : other, name.value_or(""));
  }

  Answered answered_;
  std::size_t pending_ = 0;
  std::unique_ptr<io::DnsChannel> channel_;  // its end answers
};

ReverseResolver::ReverseResolver(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ReverseResolver::~ReverseResolver() = default;

Result<std::unique_ptr<ReverseResolver>> ReverseResolver::create(io::EventLoop& loop,
                                                                 const std::string& servers,
                                                                 Answered answered) {
  auto impl = std::make_unique<Impl>(std::move(answered));
  if (auto opened = impl->open(loop, servers); !opened) return fail(std::move(opened).error());
  // tidy: the constructor is private, which make_unique cannot reach
  return std::unique_ptr<ReverseResolver>(new ReverseResolver(std::move(impl)));
}

std::size_t ReverseResolver::pending() const {
  return impl_->pending();
}

bool ReverseResolver::ask(const net::IpAddress& address) {
  if (!has_room()) return false;
  impl_->ask(address);
  return true;
}

std::string reverse_name(const net::IpAddress& address) {
  const auto octets = address.octets();
  std::string name;
  for (auto octet = octets.rbegin(); octet != octets.rend(); ++octet) {
    if (address.family() == net::Family::kIpv4) {
      name += fmt::format("{}.", *octet);
    } else {
      name += fmt::format("{:x}.{:x}.", *octet & 15U, *octet >> 4U);
    }
  }
  return name + (address.family() == net::Family::kIpv4 ? "in-addr.arpa" : "ip6.arpa");
}

}  // namespace fabrix::analyzer
