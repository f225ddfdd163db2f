"""The paper trail: who consented, what a data set holds, what a clip is made of.

Consent ledger, data set records, credentials, watermark and safety stand beside `media` and are
called where files are written, training data is read and jobs are accepted.
"""
