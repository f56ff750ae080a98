// SPDX-License-Identifier: GPL-2.0-only
/*
 * 6.15 made "may not leave its network namespace" a bit of struct net_device
 * instead of a feature flag.
 * Absent: no member named .netns_immutable.
 */
#include <linux/netdevice.h>

void probe(struct net_device *dev);
void probe(struct net_device *dev)
{
	dev->netns_immutable = true;
}
