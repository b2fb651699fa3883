// CasePostings: the cases of Hearsay (hearsay.h) by whose routes they have, and by who may not have
// all of them.
//
// What a case had when it was added counts. Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bit_set.h"
#include "base/strong_id.h"
#include "exchange/reachability.h"
#include "net/ids.h"
#include "verify/shared_words.h"

namespace fabrix::verify {

using CaseId = StrongId<struct CaseTag, std::uint32_t>;

class CasePostings {
 public:
  struct Posting {
    CaseId id;
    SharedWords::Id word;  // of the router, if the case has any
  };

  struct Added {
    CaseId id;
    const exchange::Routes& routers;
    std::span<const SharedWords::Id> words;  // by router; none: it shares nothing
    std::span<const net::ParticipantId> others;
  };
  void add(const Added& added);
  void clear();

  std::span<const Posting> of_router(net::RouterId router) const;
  // What shared words are not enough for, of a sender that minds these routers: the cases with
  // routes of two of them, those in which it may not have all, and those that share nothing. Good
  // until the next call.
  const BitSet<CaseId>& special_to(net::ParticipantId sender,
                                   std::span<const net::RouterId> routers);

 private:
  std::vector<std::vector<Posting>> by_router_;
  std::vector<std::vector<CaseId>> by_other_;  // those in which a participant is one of others
  std::vector<CaseId> unshared_;
  BitSet<CaseId> asked_;  // scratch, as is the next
  BitSet<CaseId> special_;
};

}  // namespace fabrix::verify
