// GoBGP as a lab's router.
//
// It does not touch the kernel's table: a process of ours keeps that in step, see fib_sync.h. It
// originates nothing by configuration: start() announces the prefixes.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lab/daemon.h"

namespace fabrix::lab {

std::string gobgp_configuration(const RouterPlan& plan);

class GoBgpDaemon final : public Daemon {
 public:
  explicit GoBgpDaemon(RouterPlan plan) : plan_(std::move(plan)) {}

  Result<void> start() override;
  Result<bool> is_established() override;
  Result<void> announce(const net::Prefix& prefix) override;
  Result<void> withdraw(const net::Prefix& prefix) override;
  std::vector<std::string> logs() const override;

 private:
  Result<void> announce_all();
  Result<std::string> ask(std::vector<std::string> words) const;
  Result<void> change_rib(const net::Prefix& prefix, std::vector<std::string> words);

  RouterPlan plan_;
};

}  // namespace fabrix::lab
