// OpenBGPD (portable) as a lab's router.
//
// On Linux it does not touch the kernel's table: a process of ours keeps that in step, see
// fib_sync.h. Its processes lock themselves into the home of their user, which must exist.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lab/daemon.h"

namespace fabrix::lab {

std::string openbgpd_configuration(const RouterPlan& plan);

class OpenBgpdDaemon final : public Daemon {
 public:
  explicit OpenBgpdDaemon(RouterPlan plan) : plan_(std::move(plan)) {}

  Result<void> start() override;
  Result<bool> is_established() override;
  Result<void> announce(const net::Prefix& prefix) override;
  Result<void> withdraw(const net::Prefix& prefix) override;
  std::vector<std::string> logs() const override;

 private:
  Result<std::string> ask(std::vector<std::string> words) const;
  Result<void> set_network(const net::Prefix& prefix, const std::string& verb);

  RouterPlan plan_;
};

}  // namespace fabrix::lab
