"""Where forks come from: folders, rosters, addresses and GitHub's lists, fetched into a cache."""
