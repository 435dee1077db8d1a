"""Knock's webhook signature: make one, check one, say what is wrong with one."""

from relay.contract.signature.diagnosis import Diagnosis, diagnose
from relay.contract.signature.faults import Reason
from relay.contract.signature.scheme import HEADER, TOLERANCE_MS, Check, Secret, check, sign

__all__ = ["HEADER", "TOLERANCE_MS", "Check", "Diagnosis", "Reason", "Secret", "check", "diagnose", "sign"]
