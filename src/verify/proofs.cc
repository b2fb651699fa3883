#include "verify/proofs.h"

#include <algorithm>

namespace fabrix::verify {

Proofs::List::iterator Proofs::find(List& proofs, const Claim& claim) {
  return std::ranges::find_if(proofs, [&claim](const Proof& each) {
    return each.policy.is(claim.policy) && each.rows.is(claim.rows) &&
           each.meaning.is(claim.meaning);
  });
}

bool Proofs::has(net::ParticipantId owner, const Claim& claim) {
  if (owner.index() >= by_owner_.size()) return false;
  List& proofs = by_owner_[owner.index()];
  const auto found = find(proofs, claim);
  if (found == proofs.end()) return false;
  proofs.splice(proofs.end(), proofs, found);
  return true;
}

void Proofs::add(net::ParticipantId owner, const Claim& claim) {
  if (owner.index() >= by_owner_.size()) by_owner_.resize(owner.index() + 1);
  if (has(owner, claim)) return;
  List& proofs = by_owner_[owner.index()];
  std::erase_if(proofs, [](const Proof& each) {
    return each.policy.is_gone() || each.rows.is_gone() || each.meaning.is_gone();
  });
  if (proofs.size() == kMaxProofs) proofs.pop_front();
  proofs.push_back({.policy = Seen<const policy::Policy>(claim.policy),
                    .rows = Seen<const std::vector<program::Row>>(claim.rows),
                    .meaning = Seen<const program::TagMeaning>(claim.meaning)});
}

}  // namespace fabrix::verify
