// BIRD 2 as a lab's router.
//
// One static protocol for each prefix, p1, p2, ... in the plan's order: announcing is enabling it.
// BIRD puts what it learned into the kernel's table itself; never its own prefixes, which are only
// there to be announced.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lab/daemon.h"

namespace fabrix::lab {

std::string bird_configuration(const RouterPlan& plan);

class BirdDaemon final : public Daemon {
 public:
  explicit BirdDaemon(RouterPlan plan) : plan_(std::move(plan)) {}

  Result<void> start() override;
  Result<bool> is_established() override;
  Result<void> announce(const net::Prefix& prefix) override;
  Result<void> withdraw(const net::Prefix& prefix) override;
  std::vector<std::string> logs() const override;

 private:
  Result<std::string> ask(std::vector<std::string> words) const;
  Result<void> set_state(const net::Prefix& prefix, const std::string& state);

  RouterPlan plan_;
};

}  // namespace fabrix::lab
