package io.penstock.queue;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of the groups that have jobs waiting or in hand; one that comes or goes meanwhile may be missed or met twice.
 *
 * @param next cursor of the next page, null on the last; a page may be empty and still have one
 */
public record GroupPage(List<GroupView> groups, @Nullable String next) {}
