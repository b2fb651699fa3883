// Asked: the walkthrough as a Task, for tests of single checks.
//
//     const Walkthrough walkthrough;
//     Asked asked(walkthrough, {});
//     Told(asked.task, Walkthrough::kA).check(asked.task, {prefix, routes, next_hop});
//     asked.findings.take();
//
// Not copyable: the Task points into it. The walkthrough must outlive it.
#pragma once

#include <optional>

#include "tests/verify/walkthrough.h"
#include "verify/findings.h"
#include "verify/row_index.h"
#include "verify/validate.h"
#include "verify/workspace.h"

namespace fabrix::verify {

struct Asked {
  // `told`: the next hop that everybody is told instead of the walkthrough's.
  Asked(const Walkthrough& walkthrough, std::optional<net::IpAddress> told)
      : world(walkthrough.world()),
        next_hops(walkthrough.exchange, walkthrough.reachability,
                  [&walkthrough, told](net::ParticipantId client, const net::Prefix& prefix) {
                    return told.value_or(walkthrough.next_hop(client, prefix));
                  }),
        terms{.shortfalls = {}, .meanings = walkthrough.meanings},
        index(walkthrough.program),
        directory(walkthrough.exchange),
        hashing(world),
        work(walkthrough.reachability),
        task{.world = world,
             .program = walkthrough.program,
             .next_hops = next_hops,
             .terms = terms,
             .index = index,
             .directory = directory,
             .hashing = hashing,
             .work = work,
             .findings = findings} {}
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;
  Asked(Asked&&) = delete;
  Asked& operator=(Asked&&) = delete;
  ~Asked() = default;

  World world;
  EachAsked next_hops;
  Terms terms;
  RowIndex index;
  Directory directory;
  Hashing hashing;
  Workspace work;
  Findings findings;
  Task task;
};

}  // namespace fabrix::verify
