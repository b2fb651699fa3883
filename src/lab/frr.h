// FRR as a lab's router: zebra and bgpd, asked with vtysh.
//
// Both run as the user frr, who must be able to reach the directory. zebra puts what bgpd learned
// into the kernel's table.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "lab/daemon.h"

namespace fabrix::lab {

// bgpd's.
std::string frr_configuration(const RouterPlan& plan);

class FrrDaemon final : public Daemon {
 public:
  explicit FrrDaemon(RouterPlan plan) : plan_(std::move(plan)) {}

  Result<void> start() override;
  Result<bool> is_established() override;
  Result<void> announce(const net::Prefix& prefix) override;
  Result<void> withdraw(const net::Prefix& prefix) override;
  std::vector<std::string> logs() const override;

 private:
  Result<void> write_files();
  Result<void> start_part(const std::string& part);
  Result<std::string> ask(const std::vector<std::string>& commands) const;
  Result<void> configure(const net::Prefix& prefix, const std::string& command);

  RouterPlan plan_;
};

}  // namespace fabrix::lab
