#include "verify/hashing.h"

#include <utility>

#include "policy/balance.h"

namespace fabrix::verify {

Hashing::Hashing(const World& world)
    : sent_(world.policies.size()), received_(world.policies.size()) {
  for (std::size_t i = 0; i < world.policies.size(); ++i) {
    if (world.policies[i] == nullptr) continue;
    sent_[i] = policy::hash_keys_of(world.policies[i]->outbound);
    received_[i] = policy::hash_keys_of(world.policies[i]->inbound);
  }
  join_received();
}

net::HashKeys Hashing::of_sender(net::ParticipantId sender) const {
  return sent_[sender.index()] | all_received_;
}

Hashing::Change Hashing::set(net::ParticipantId owner, const policy::Policy* policy) {
  net::HashKeys& sent = sent_[owner.index()];
  const net::HashKeys sent_before = std::exchange(
      sent, policy == nullptr ? net::HashKeys{} : policy::hash_keys_of(policy->outbound));
  const net::HashKeys received_before = all_received_;
  received_[owner.index()] =
      policy == nullptr ? net::HashKeys{} : policy::hash_keys_of(policy->inbound);
  join_received();
  if (all_received_ != received_before) return Change::kAll;
  return sent == sent_before ? Change::kNothing : Change::kOwn;
}

void Hashing::join_received() {
  all_received_ = {};
  for (const net::HashKeys each : received_) all_received_ = all_received_ | each;
}

}  // namespace fabrix::verify
