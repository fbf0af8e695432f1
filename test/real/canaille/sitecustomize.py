"""Runs when Python starts: Canaille's SCIM library dates from before RFC 9865, and takes a service
provider for no SCIM server at all where its configuration has the attribute "pagination". Attributes
that it does not know are skipped instead; nothing else of the client is touched."""

from scim2_models import ServiceProviderConfig

ServiceProviderConfig.model_config["extra"] = "ignore"
ServiceProviderConfig.model_rebuild(force=True)
