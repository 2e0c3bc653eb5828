/**
 * The policies of the core, in Cedar. Deny by default: what no `permit` names is refused, and a `forbid`
 * outweighs every `permit`. An action is a member of its area (`Action::"area:public"` …, action.schema.ts).
 *
 * `context.somewhere` is true when the question is only whether a role could do it on anything at all: the
 * check of a route, before the object is known. Rules ask again with the object.
 * `context.inScope` is true unless an API token's scopes leave the action out.
 */
export const policies = `
@id("public")
permit (principal, action in Action::"area:public", resource);

@id("program")
permit (principal in Role::"system", action, resource);

@id("own tokens")
permit (
  principal in Role::"signed_in",
  action in [Action::"token:create", Action::"token:read", Action::"token:revoke", Action::"password:set"],
  resource
) when { context.somewhere || (resource has owner && resource.owner == principal) };

@id("own notices")
permit (
  principal in Role::"signed_in",
  action in [Action::"notice:read", Action::"notice:update"],
  resource
) when { context.somewhere || (resource has owner && resource.owner == principal) };

@id("entries of the own organisation and below")
permit (
  principal,
  action in [
    Action::"dataset:read-draft", Action::"dataset:create", Action::"dataset:update", Action::"dataset:restore",
    Action::"dataset:import", Action::"import:create", Action::"import:read", Action::"import:stop",
    Action::"review:submit", Action::"review:withdraw", Action::"review:read"
  ],
  resource
) when {
  (principal in Role::"steward" || principal in Role::"department_reviewer" || principal in Role::"data_office_reviewer")
  && (context.somewhere || (principal has organisation && resource in principal.organisation))
};

@id("sources of the own organisation and below")
permit (
  principal,
  action in [
    Action::"source:read", Action::"source:create", Action::"source:update", Action::"source:run",
    Action::"source:decide", Action::"source:delete"
  ],
  resource
) when {
  (principal in Role::"steward" || principal in Role::"data_office_reviewer")
  && (context.somewhere || (principal has organisation && resource in principal.organisation))
};

@id("who reads sources")
permit (principal, action == Action::"source:read", resource)
when {
  (principal in Role::"viewer" || principal in Role::"department_reviewer")
  && (context.somewhere || (principal has organisation && resource in principal.organisation))
};

@id("the data office says what its bodies have to catalogue")
permit (principal in Role::"data_office_reviewer", action == Action::"coverage:declare", resource)
when { context.somewhere || (principal has organisation && resource in principal.organisation) };

@id("items of the own organisation and below are collected once")
permit (principal, action in [Action::"reuse:read", Action::"reuse:decide"], resource)
when {
  (principal in Role::"steward" || principal in Role::"department_reviewer" || principal in Role::"data_office_reviewer")
  && (context.somewhere || (principal has organisation && resource in principal.organisation))
};

@id("viewers see who holds an item")
permit (principal in Role::"viewer", action == Action::"reuse:read", resource)
when { context.somewhere || (principal has organisation && resource in principal.organisation) };

@id("the data office has the report of duplicate items made")
permit (principal in Role::"data_office_reviewer", action == Action::"reuse:run", resource);

@id("tables of the own organisation and below")
permit (
  principal,
  action in [Action::"table:read", Action::"table:rows", Action::"table:collect"],
  resource
) when {
  (principal in Role::"steward" || principal in Role::"data_office_reviewer")
  && (context.somewhere || (principal has organisation && resource in principal.organisation))
};

@id("who sees what is collected, and no rows")
permit (principal, action == Action::"table:read", resource)
when {
  (principal in Role::"viewer" || principal in Role::"department_reviewer")
  && (context.somewhere || (principal has organisation && resource in principal.organisation))
};

@id("the data office publishes and retires without review")
permit (
  principal in Role::"data_office_reviewer",
  action in [Action::"dataset:publish", Action::"dataset:retire"],
  resource
) when { context.somewhere || (principal has organisation && resource in principal.organisation) };

@id("each stage of a review has its reviewers")
permit (principal, action == Action::"review:decide", resource)
when {
  (principal in Role::"department_reviewer"
    && (context.somewhere || (resource has state && resource.state == "dept_review")))
  || (principal in Role::"data_office_reviewer"
    && (context.somewhere || (resource has state && resource.state == "centre_review")))
}
when { context.somewhere || (principal has organisation && resource in principal.organisation) };

@id("viewers read drafts of their organisation")
permit (
  principal in Role::"viewer",
  action in [Action::"dataset:read-draft", Action::"import:read", Action::"review:read"],
  resource
)
when { context.somewhere || (principal has organisation && resource in principal.organisation) };

@id("system administrator")
permit (
  principal in Role::"system_admin",
  action in [
    Action::"organisation:create", Action::"organisation:update", Action::"person:read", Action::"person:create",
    Action::"person:update", Action::"person:disable", Action::"password:set", Action::"search:rebuild",
    Action::"metrics:read", Action::"import:read", Action::"import:stop", Action::"source:read", Action::"source:register"
  ],
  resource
);

@id("security administrator")
permit (
  principal in Role::"security_admin",
  action in [Action::"person:read", Action::"person:disable", Action::"role:grant", Action::"token:revoke"],
  resource
);

@id("audit administrator")
permit (
  principal in Role::"audit_admin",
  action in [Action::"audit:read", Action::"audit:verify", Action::"person:read"],
  resource
);

@id("nobody grants themselves")
forbid (principal, action == Action::"role:grant", resource)
when { resource has owner && resource.owner == principal };

@id("a token does what it was made for")
forbid (principal in Role::"token", action, resource)
unless { context.inScope || action in Action::"area:public" };

@id("a token makes no keys and grants no roles")
forbid (
  principal in Role::"token",
  action in [Action::"token:create", Action::"password:set", Action::"role:grant", Action::"session:create"],
  resource
);

@id("drafts are not public")
forbid (principal, action == Action::"dataset:read", resource)
when { resource has state && resource.state == "draft" };
`
