#include "analyzer/name_asker.h"

#include <utility>

namespace fabrix::analyzer {

Result<std::unique_ptr<NameAsker>> NameAsker::create(io::EventLoop& loop,
                                                     const std::string& servers,
                                                     telemetry::HostNames& names) {
  // tidy: the constructor is private, which make_unique cannot reach
  std::unique_ptr<NameAsker> made(new NameAsker(names));
  FABRIX_TRY(made->resolver_,
             ReverseResolver::create(
                 loop, servers,
                 [asker = made.get()](const auto& address, auto outcome, const std::string& name) {
                   asker->answered(address, outcome, name);
                 }));
  return made;
}

void NameAsker::turn() {
  while (resolver_->has_room()) {
    const auto address = names_->take_wanted();
    if (!address) return;
    static_cast<void>(resolver_->ask(*address));
  }
}

// What has failed is wanted again by itself, and an old name remains.
void NameAsker::answered(const net::IpAddress& address, ReverseResolver::Outcome outcome,
                         const std::string& name) {
  if (outcome == ReverseResolver::Outcome::kFailed) return;
  const bool has_name = outcome == ReverseResolver::Outcome::kName;
  names_->learn(address, has_name ? std::optional(name) : std::nullopt);
}

}  // namespace fabrix::analyzer
