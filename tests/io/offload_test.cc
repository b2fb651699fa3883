#include "io/offload.h"

#include <gtest/gtest.h>

#include "tests/io/world.h"

namespace fabrix::io {
namespace {

using OffloadTest = testing::CableTest;

TEST_F(OffloadTest, SwitchesLateChecksumsOff) {
  EXPECT_TRUE(transmit_checksum_offload("eth0", near_->name()).value());
  const auto done = disable_transmit_offload("eth0", near_->name());
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_FALSE(transmit_checksum_offload("eth0", near_->name()).value());
  EXPECT_TRUE(transmit_checksum_offload("eth0", far_->name()).value()) << "the other end as well";
}

TEST_F(OffloadTest, KeepsTagsInFrames) {
  const auto scope = NamespaceScope::enter(near_->name());
  EXPECT_TRUE(keep_tags_in_frames("eth0"));
  EXPECT_TRUE(keep_tags_in_frames("eth0")) << "they are there already";
  EXPECT_FALSE(keep_tags_in_frames("none"));
}

TEST_F(OffloadTest, FacesXdp) {
  ASSERT_TRUE(face_xdp("eth0", near_->name()));
  ASSERT_TRUE(face_xdp("eth0", near_->name())) << "it does already";
  EXPECT_FALSE(face_xdp("none", near_->name()));
}

TEST_F(OffloadTest, SaysThatThereIsNoSuchInterface) {
  EXPECT_FALSE(disable_transmit_offload("none", near_->name()));
  EXPECT_FALSE(disable_transmit_offload("a-name-too-long-", near_->name()));
}

}  // namespace
}  // namespace fabrix::io
